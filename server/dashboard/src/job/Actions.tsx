import { useState } from "react";
import { useNavigate } from "react-router";
import type { Job } from "../api/jobs";
import type { Project } from "../api/projects";
import type { Shot } from "../api/shots";
import { may } from "../session/session";
import { Button, LinkButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { say, sayRefused } from "../ui/Toasts";
import { ExportDialog } from "./ExportDialog";
import styles from "./Job.module.css";
import { ENDED, useActions, useDelete } from "./useJob";

interface ActionsProps {
  job: Job;
  shot: Shot | undefined;
  project: Project | undefined;
}

/** What one may do with a job: nothing else is offered. */
export function Actions({ job, shot, project }: ActionsProps) {
  const [asks, setAsks] = useState<"cancel" | "export" | "publish" | "delete" | null>(null);
  const { cancel, retry, prioritize, publish } = useActions(job.id);
  const remove = useDelete(job);
  const go = useNavigate();
  const edits = may(shot, "edit_shot");
  const done = job.state === "succeeded";
  const hasVersion = ["roto", "export"].includes(job.kind);
  const rule = project?.settings.publish;

  return (
    <div className={styles.actions}>
      {job.kind === "roto" && (
        <LinkButton small look={done ? "main" : "plain"} to={`/shots/${job.shot_id}/review?job=${job.id}`}>
          Review
        </LinkButton>
      )}
      {edits && done && job.kind === "roto" && (
        <LinkButton small to={`/shots/${job.shot_id}/prompt?job=${job.id}`}>
          Correct
        </LinkButton>
      )}
      {may(shot, "cancel") && ["queued", "running"].includes(job.state) && (
        <Button small look="danger" onClick={() => setAsks("cancel")}>
          Cancel…
        </Button>
      )}
      {edits && ["failed", "cancelled"].includes(job.state) && (
        <Button
          small
          disabled={retry.isPending}
          onClick={() => retry.mutate(undefined, { onError: sayRefused, onSuccess: () => say("It runs again.") })}
        >
          Retry
        </Button>
      )}
      {edits && done && job.kind === "roto" && (
        <Button small onClick={() => setAsks("export")}>
          Export…
        </Button>
      )}
      {edits && done && hasVersion && (
        <Button
          small
          disabled={!rule}
          title={rule ? undefined : "The project does not say where to publish: a supervisor sets it."}
          onClick={() => setAsks("publish")}
        >
          Publish…
        </Button>
      )}
      {edits && !done && (
        <label className={styles.priority}>
          Priority{" "}
          <select
            value={job.priority}
            disabled={prioritize.isPending}
            onChange={(event) =>
              prioritize.mutate(event.target.value as "high" | "normal" | "low", { onError: sayRefused })
            }
          >
            <option value="high">High</option>
            <option value="normal">Normal</option>
            <option value="low">Low</option>
          </select>
        </label>
      )}
      {edits && hasVersion && (
        <Button small look="danger" onClick={() => setAsks("delete")}>
          Delete…
        </Button>
      )}
      {asks === "export" && <ExportDialog job={job} folder={rule?.folder} onClose={() => setAsks(null)} />}
      {asks === "delete" && (
        <ConfirmDialog
          title={`Delete v${job.version}?`}
          verb="Put into the trash"
          dangerous
          work={async () => {
            await remove.mutateAsync();
            say(`v${job.version} is in the trash.`);
            void go(`/shots/${job.shot_id}`);
          }}
          onClose={() => setAsks(null)}
        >
          <p>
            It goes into the trash, from which a supervisor can take it again.
            {!ENDED.includes(job.state) && " What still runs is cancelled."}
          </p>
        </ConfirmDialog>
      )}
      {asks === "cancel" && (
        <ConfirmDialog
          title="Cancel this job?"
          verb="Cancel the job"
          dangerous
          work={() => cancel.mutateAsync()}
          onClose={() => setAsks(null)}
        >
          <p>What it has done so far is kept for a retry.</p>
        </ConfirmDialog>
      )}
      {asks === "publish" && rule && (
        <ConfirmDialog
          title="Publish what it made?"
          verb="Publish"
          work={async () => {
            const made = await publish.mutateAsync();
            void go(`/jobs/${made.id}`);
          }}
          onClose={() => setAsks(null)}
        >
          <p>
            Its files are copied to <code>{rule.folder}</code>. What is there already is never overwritten.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}
