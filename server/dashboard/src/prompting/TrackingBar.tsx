import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { Version } from "../api/shots";
import { Button, LinkButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import styles from "./Prompting.module.css";
import { useNewestFrame } from "./useTracking";

interface TrackingBarProps {
  version: Version;
  /** The object whose frames are followed. */
  object: string | null;
  /** The frame that is shown; whoever goes elsewhere follows no longer. */
  at: number;
  /** Whether somebody came for a frame of their own. */
  isElsewhere: boolean;
  /** Told of each frame that has come; whether to go there. */
  onFrame(frame: number, isFollowed: boolean): void;
}

/** A version that is being tracked: its newest mask as it comes, and a way to stop a bad one. */
export function TrackingBar({ version, object, at, isElsewhere, onFrame }: TrackingBarProps) {
  const queries = useQueryClient();
  const [isFollowed, setFollowed] = useState(!isElsewhere);
  const [stopping, setStopping] = useState(false);
  const { data: newest = null } = useNewestFrame(version.id, object);
  useEffect(() => {
    if (newest !== null) onFrame(newest, isFollowed);
  }, [newest, isFollowed]);
  useEffect(() => {
    if (newest !== null && at !== newest) setFollowed(false);
  }, [at]);

  async function stop(): Promise<void> {
    await data(api.POST("/api/v1/jobs/{job_id}/cancel", { params: { path: { job_id: version.id } } }));
    await queries.invalidateQueries({ queryKey: keys.shot(version.shot_id) });
  }

  const isStopping = version.state === "cancelling";
  return (
    <div className={styles.notice} role="status">
      <span>
        v{version.version} {stateOf(version.state, newest)}
      </span>
      <label className={styles.follow}>
        <input type="checkbox" checked={isFollowed} onChange={(event) => setFollowed(event.target.checked)} />
        Follow
      </label>
      <LinkButton small to={`/jobs/${version.id}`}>
        Open the job
      </LinkButton>
      {!isStopping && (
        <Button small look="danger" onClick={() => setStopping(true)}>
          Stop it
        </Button>
      )}
      {stopping && (
        <ConfirmDialog
          title={`Stop v${version.version}?`}
          verb="Stop it"
          dangerous
          work={stop}
          onClose={() => setStopping(false)}
        >
          <p>What was tracked so far is given up. Say more on the frames where it went wrong, and submit again.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}

function stateOf(state: string, newest: number | null): string {
  if (state === "cancelling") return "is being stopped.";
  if (newest === null) return "waits for its first mask.";
  return `is being tracked: frame ${newest} came last.`;
}
