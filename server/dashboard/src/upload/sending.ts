/** One plate's files to the server, by the same client the panels have. */

import { RotoError } from "roto-client/errors";
import { type Note, storageNotes, type UploadNotes } from "roto-client/notes";
import { type LocalFile, Uploader } from "roto-client/upload";
import { browserFiles, type HashedFile } from "./browserFiles";
import { Hasher } from "./hashing";
import { type Kept, withHashes } from "./keeping";
import type { Sending, Stage } from "./queue";
import { pageTransport } from "./transport";

export interface Going {
  signal: AbortSignal;
  tell(stage: Stage, done: number): void;
  /** What goes into the record of it. */
  remember(say: (kept: Kept) => Kept): void;
}

/** The id of its complete upload; what was read and sent before is neither read nor sent again. */
export async function sendFiles(item: Sending, { signal, tell, remember }: Going): Promise<string> {
  const { plate, kept, projectId } = item;
  // All of it had arrived before, and only the shot was not made.
  if (!plate.files.length && kept.uploadId) return kept.uploadId;
  const hasher = new Hasher();
  const known = new Map(kept.files.filter(isHashed).map((file) => [file.path, file]));
  let read = 0;
  const files = new Map(plate.files.map(({ path, file }) => [path, file]));
  const disk = browserFiles(files, hasher, (bytes) => tell("hashing", (read += bytes)), known);
  const watch = ({ stage, done }: { stage: string; done: number }) => {
    if (stage === "uploading") tell(done === plate.size ? "checking" : "uploading", done);
  };
  const notes = heard(storageNotes(localStorage), (uploadId) => remember((now) => ({ ...now, uploadId })));
  const uploader = new Uploader(pageTransport(), disk, notes, { signal, watch });
  try {
    tell("hashing", 0);
    const local = await uploader.lookAt([...files.keys()]);
    checkSame(kept, local);
    remember((now) => withHashes(now, local));
    tell("uploading", item.sent);
    if (kept.uploadId) notes.put(uploader.key(projectId, local), { uploadId: kept.uploadId });
    return (await uploader.send(projectId, local)).id;
  } finally {
    hasher.close();
  }
}

function isHashed(file: Kept["files"][number]): file is HashedFile & Kept["files"][number] {
  return file.sha256 !== null;
}

/** What was chosen again must be what was begun, to the byte. */
function checkSame(kept: Kept, local: readonly LocalFile[]): void {
  const wanted = new Map(kept.files.map(({ path, sha256 }) => [path, sha256]));
  const other = local.find(({ path, sha256 }) => (wanted.get(path) ?? sha256) !== sha256);
  if (!other) return;
  throw new RotoError(`${other.name} is not the file that was begun: its content is another.`, {
    kind: "input",
    code: "other_files",
    hint: "Take this off the list, and drop the new file as a plate of its own.",
  });
}

/** Notes that tell which upload a plate goes into. */
function heard(notes: UploadNotes, tell: (uploadId: string) => void): UploadNotes {
  const hear = (note: Note): Note => {
    if (note.uploadId) tell(note.uploadId);
    return note;
  };
  return {
    get: (key) => hear(notes.get(key)),
    put: (key, facts) => notes.put(key, hear(facts)),
    forget: (key) => notes.forget(key),
  };
}
