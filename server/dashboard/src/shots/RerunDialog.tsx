import { useState } from "react";
import { type Shot, useVersions, usePlates } from "../api/shots";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { say } from "../ui/Toasts";
import { useRerun } from "./changes";

type Priority = "high" | "normal" | "low";

/** The newest version's objects and prompts once more, on the plate as it is now. */
export function RerunDialog({ shot, onClose }: { shot: Shot; onClose(): void }) {
  const versions = useVersions(shot.id);
  const plates = usePlates(shot.id);
  const rerun = useRerun(shot.id);
  const tracked = versions.data ?? [];
  const [jobId, setJobId] = useState("");
  const [priority, setPriority] = useState<Priority | "">("");
  const [scale, setScale] = useState<"keep" | "fit">("keep");
  const newest = plates.data?.find(({ current }) => current);
  const none = versions.data !== undefined && tracked.length === 0;
  return (
    <ConfirmDialog
      title={`Submit ${shot.name} again?`}
      verb="Submit"
      disabled={tracked.length === 0}
      work={async () => {
        const job = await rerun.mutateAsync({
          job_id: jobId || null,
          scale,
          priority: priority || null,
        });
        say(`v${job.version} is on its way.`);
      }}
      onClose={onClose}
    >
      {none ? (
        <p>Nothing was tracked here yet. Click on what to isolate under Prompt or in a host, and submit that.</p>
      ) : (
        <div className={page.form}>
          <p>
            The same objects and prompts are tracked on{" "}
            {newest ? `version ${newest.version} of the plate` : "the newest plate"}. The versions of before stay.
          </p>
          <Field label="As in">
            <select value={jobId} onChange={(event) => setJobId(event.target.value)}>
              <option value="">The newest version</option>
              {tracked.map(({ id, version }) => (
                <option key={id} value={id}>
                  v{version}
                </option>
              ))}
            </select>
          </Field>
          <div className={page.row}>
            <Field label="Priority">
              <select value={priority} onChange={(event) => setPriority(event.target.value as Priority | "")}>
                <option value="">As before</option>
                <option value="high">High</option>
                <option value="normal">Normal</option>
                <option value="low">Low</option>
              </select>
            </Field>
            <Field label="Where the plate's size has changed">
              <select value={scale} onChange={(event) => setScale(event.target.value as "keep" | "fit")}>
                <option value="keep">Keep the prompts' pixels</option>
                <option value="fit">Scale the prompts with it</option>
              </select>
            </Field>
          </div>
        </div>
      )}
    </ConfirmDialog>
  );
}
