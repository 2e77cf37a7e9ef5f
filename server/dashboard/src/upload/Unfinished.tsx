import { useRef, useState } from "react";
import { api, data } from "../api/client";
import type { Project } from "../api/projects";
import { Problem, problemOf } from "../api/problem";
import type { UploadOut } from "../api/schema";
import { Button } from "../ui/Button";
import { bytesText } from "../ui/bytes";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { away, exact } from "../ui/time";
import { chosenFiles } from "./entries";
import { type Kept, keptOf } from "./keeping";
import { sortPlates } from "./plates";
import { goOn, told } from "./queue";
import { chosenAgain, hasHandles, reopened } from "./reopening";
import { type Begun, useUnfinished } from "./useUnfinished";
import styles from "./Upload.module.css";

interface UnfinishedProps {
  userId: string;
  projects: readonly Project[];
}

/** Uploads that were begun and are no shots yet: they go on from here, for the server kept the pieces. */
export function Unfinished({ userId, projects }: UnfinishedProps) {
  const { begun, discard } = useUnfinished(userId);
  const [leaving, setLeaving] = useState<Begun | null>(null);
  if (!begun.length) return null;
  return (
    <section className={page.section} aria-label="Begun before">
      <header>
        <h2>Begun before</h2>
      </header>
      <p className={page.dim}>
        What has arrived of these is not sent a second time. Where a browser may not read your disk by itself, choose
        the same files again.
      </p>
      <div className={page.scroll} tabIndex={0}>
        <table className={`${page.table} ${page.stacked}`}>
          <thead>
            <tr>
              <th>Plate</th>
              <th>Shot</th>
              <th>Project</th>
              <th>Begun</th>
              <th aria-label="Go on or discard" />
            </tr>
          </thead>
          <tbody>
            {begun.map((one) => (
              <Row
                key={one.key}
                begun={one}
                userId={userId}
                project={projects.find(({ id }) => id === (one.kept?.projectId ?? one.upload?.project_id))?.name}
                onDiscard={() => setLeaving(one)}
              />
            ))}
          </tbody>
        </table>
      </div>
      {leaving && (
        <ConfirmDialog
          title={`Discard ${titleOf(leaving)}?`}
          verb="Discard"
          dangerous
          work={() => discard(leaving)}
          onClose={() => setLeaving(null)}
        >
          <p>
            What has arrived of it is removed from the server.
            {!leaving.kept && " Another browser or a host began it: if that sends it now, it fails there."}
          </p>
        </ConfirmDialog>
      )}
    </section>
  );
}

interface RowProps {
  begun: Begun;
  userId: string;
  project: string | undefined;
  onDiscard(): void;
}

function Row({ begun, userId, project, onDiscard }: RowProps) {
  const { kept, upload } = begun;
  const chooser = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const title = titleOf(begun);
  const verb = kept?.target ? "Add the version" : "Make the shot";
  const since = kept ? new Date(kept.begun).toISOString() : (upload?.created_at ?? "");

  async function run(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(problemOf(told(error)));
    } finally {
      setBusy(false);
    }
  }

  async function choose(files: File[]): Promise<void> {
    const chosen = chosenFiles(files);
    if (kept) goOn(withoutHandles(kept), chosenAgain(kept.files, chosen));
    else if (upload) await goOnOf(upload.id, userId, files);
  }

  return (
    <tr>
      <td className={page.path}>
        {title}
        {kept && <small>{bytesText(kept.plate.size)}</small>}
        {problem && <ProblemBox problem={problem} />}
      </td>
      <td data-label="Shot">{kept?.name ?? "named after the plate"}</td>
      <td data-label="Project">{project ?? "–"}</td>
      <td data-label="Begun" title={exact(since)}>
        {away(since)}
      </td>
      <td>
        <div className={page.actions}>
          {kept && upload?.state === "complete" ? (
            <Button small look="main" aria-label={`${verb} of ${title}`} disabled={busy} onClick={() => goOn(kept, [])}>
              {verb}
            </Button>
          ) : (
            <>
              {kept && hasHandles(kept) && (
                <Button
                  small
                  look="main"
                  aria-label={`Go on with ${title}`}
                  disabled={busy}
                  onClick={() => void run(async () => goOn(kept, await reopened(kept)))}
                >
                  Go on
                </Button>
              )}
              <Button
                small
                aria-label={`Choose the same files… of ${title}`}
                disabled={busy}
                onClick={() => chooser.current?.click()}
              >
                Choose the same files…
              </Button>
              <input
                ref={chooser}
                className={styles.hidden}
                type="file"
                multiple
                tabIndex={-1}
                aria-label={`The files of ${title}`}
                onChange={({ target }) => {
                  const files = [...(target.files ?? [])];
                  // The same may be chosen again.
                  target.value = "";
                  if (files.length) void run(() => choose(files));
                }}
              />
            </>
          )}
          <Button small aria-label={`Discard ${title}`} disabled={busy} onClick={onDiscard}>
            Discard…
          </Button>
        </div>
      </td>
    </tr>
  );
}

function titleOf({ kept, upload }: Begun): string {
  if (kept) return kept.plate.title;
  if (!upload) return "";
  return upload.first_file + (upload.file_count > 1 ? ` and ${upload.file_count - 1} more` : "");
}

/** What was chosen by hand is not read by the handles of before. */
function withoutHandles(kept: Kept): Kept {
  return { ...kept, origins: [], files: kept.files.map((file) => ({ ...file, origin: null })) };
}

/** An upload that another browser began: only the server knows what its files are. */
async function goOnOf(uploadId: string, userId: string, files: File[]): Promise<void> {
  const upload = (await data(
    api.GET("/api/v1/uploads/{upload_id}", { params: { path: { upload_id: uploadId } } }),
  )) as UploadOut;
  const wanted = upload.files.map(({ name, size, sha256 }) => ({ path: name, name, size, sha256 }));
  const chosen = chosenAgain(wanted, chosenFiles(files));
  const { plates, others } = sortPlates(chosen);
  const [plate] = plates;
  if (!plate || plates.length > 1 || others.length) {
    const message = `The files of this upload are not one plate${others[0] ? `: ${others[0].path}: ${others[0].why}` : ""}.`;
    throw new Problem(0, { code: "no_plate", message, hint: "Discard it, and drop the plates above, each as one." });
  }
  const kept = keptOf(`upload ${uploadId}`, userId, upload.project_id, { ...plate, files: chosen });
  // Another modification time than any file's: what is chosen is read, and compared with what was begun.
  const expected = kept.files.map((file, at) => ({ ...file, modified: -1, sha256: wanted[at]?.sha256 ?? null }));
  goOn({ ...kept, uploadId, files: expected }, chosen);
}
