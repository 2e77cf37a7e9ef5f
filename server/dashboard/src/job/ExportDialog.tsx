import { useState } from "react";
import { useNavigate } from "react-router";
import type { Job } from "../api/jobs";
import { Choice, Several } from "../ui/Choices";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { FORMATS, MATTES, QUALITIES, VIDEOS } from "../ui/files";
import { MatteNames } from "../ui/MatteNames";
import page from "../ui/Page.module.css";
import { say } from "../ui/Toasts";
import { bodyOf, type Exported, hasShapes, NOTHING, PICTURES, wrongOf } from "./exporting";
import { useExport } from "./useJob";

interface ExportDialogProps {
  job: Job;
  /** Where the project publishes; undefined where it does not say. */
  folder: string | undefined;
  onClose(): void;
}

/** More files of what was tracked: who forgot a movie need not track again. */
export function ExportDialog({ job, folder, onClose }: ExportDialogProps) {
  const [wanted, setWanted] = useState<Exported>(NOTHING);
  const write = useExport(job);
  const go = useNavigate();
  const set = (change: Partial<Exported>) => setWanted({ ...wanted, ...change });
  const wrong = wrongOf(wanted);

  return (
    <ConfirmDialog
      title={`Export v${job.version}`}
      verb="Export"
      disabled={Object.keys(wrong).length > 0}
      work={async () => {
        const made = await write.mutateAsync(bodyOf(wanted, job.version));
        say(`The export is version ${made.version}.`);
        void go(`/jobs/${made.id}`);
      }}
      onClose={onClose}
    >
      <div className={page.form}>
        <p>
          Written from what was tracked: nothing is tracked again, and the files there are stay. The export is a job with a
          version of its own.
        </p>
        <Several label="Movies" options={VIDEOS} chosen={wanted.videos} onChange={(videos) => set({ videos })} />
        <Several label="Mattes and overviews" options={PICTURES} chosen={wanted.outputs} onChange={(outputs) => set({ outputs })} />
        {hasShapes(job) && (
          <Several label="Shapes for" options={FORMATS} chosen={wanted.formats} onChange={(formats) => set({ formats })} />
        )}
        {wanted.videos.length > 0 && (
          <Choice
            label="Quality of the movies"
            value={wanted.quality ?? ""}
            options={QUALITIES}
            onChange={(quality) => set({ quality: quality || null })}
          />
        )}
        {wanted.outputs.includes("mattes") && (
          <div className={page.row}>
            <Choice label="Mattes as" value={wanted.mattes} options={MATTES} onChange={(mattes) => set({ mattes })} />
            <MatteNames template={wanted.template} wrong={wrong.template} onChange={(template) => set({ template })} />
          </div>
        )}
        {folder && (
          <label className={page.check}>
            <input type="checkbox" checked={wanted.publish} onChange={() => set({ publish: !wanted.publish })} />
            <span>
              Publish the files to <code>{folder}</code>
            </span>
          </label>
        )}
        {wrong.nothing && <p className={page.dim}>{wrong.nothing}</p>}
      </div>
    </ConfirmDialog>
  );
}
