import { useState } from "react";
import { useNavigate } from "react-router";
import type { Project } from "../api/projects";
import type { Shot } from "../api/shots";
import { may } from "../session/session";
import { Button, LinkButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { say, sayRefused } from "../ui/Toasts";
import styles from "./Job.module.css";
import { type Job, useActions } from "./useJob";

interface ActionsProps {
  job: Job;
  shot: Shot | undefined;
  project: Project | undefined;
}

/** What one may do with a job: nothing else is offered. */
export function Actions({ job, shot, project }: ActionsProps) {
  const [asks, setAsks] = useState<"cancel" | "publish" | null>(null);
  const { cancel, retry, prioritize, publish } = useActions(job.id);
  const go = useNavigate();
  const edits = may(shot, "edit_shot");
  const done = job.state === "succeeded";
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
      {edits && done && ["roto", "export"].includes(job.kind) && (
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
