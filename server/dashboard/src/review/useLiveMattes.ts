import { useEffect } from "react";
import type { Version } from "../api/shots";
import { useJob } from "../api/jobs";
import type { PlayerStore } from "./player";
import type { Screen } from "./screen";

const LIVE = ["queued", "running", "cancelling"];

/** Whether a job may make more. */
export function isLive(state: string | undefined): boolean {
  return LIVE.includes(state ?? "");
}

/** What a job that has not succeeded has made, as it goes on, and, once it has ended, what it made at last. */
export function useLiveMattes(screen: Screen, player: PlayerStore, version: Version | null): void {
  const { id = "", state } = version ?? {};
  const isPart = version !== null && state !== "succeeded";
  const { data: job } = useJob(isPart ? id : "");
  const stage = isPart ? job?.progress.stage : undefined;
  const done = isPart && job ? stepsOf(job.tasks.find(({ kind }) => kind === "track")) : null;
  useEffect(() => {
    if (done === null) return;
    screen.tell(id, done);
    player.setState({});
  }, [screen, player, id, done, stage]);
  useEffect(() => {
    if (!isLive(state)) return;
    return () => {
      screen.forgetMattes();
      player.setState({});
    };
  }, [screen, player, id, state]);
}

function stepsOf(track: { state: string; progress: Record<string, unknown> } | undefined): number {
  if (track?.state === "succeeded") return Infinity;
  return typeof track?.progress.done === "number" ? track.progress.done : 0;
}
