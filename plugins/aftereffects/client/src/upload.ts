/**
 * Plates sent to a server that cannot read them in place: in pieces, checked, resumable.
 *
 * The server counts what has arrived; this side only asks it where to go on. A cut connection is
 * taken up again after a pause, a new start finds the unfinished upload through its notes. Pieces go
 * several at a time (`pieces`); to servers that know none, one after the other.
 */

import { RotoError } from "./errors";
import type { ReadableFiles } from "./files";
import type { UploadNotes } from "./notes";
import { type Piece, sendPieces } from "./pieces";
import { checkGoing, pauseAfter, type Retry } from "./retry";
import type { OffsetOut } from "./schema";
import type { Transport } from "./transport";
import type { Doing, Upload } from "./types";

export const PIECE = 8 << 20;
/** For how long a server may read what it was sent before it says that all is well. */
const VERIFYING = 3_600_000;
const PATIENCE: Retry = { tries: 10, firstPause: 500, longestPause: 20_000 };

/** A file to send, as it was when its SHA-256 was taken. */
export interface LocalFile {
  path: string;
  name: string;
  size: number;
  modified: number;
  sha256: string;
}

export interface UploadOptions {
  watch?: (doing: Doing) => void;
  signal?: AbortSignal;
  /** Bytes per request. */
  piece?: number;
  patience?: Retry;
}

export class Uploader {
  constructor(
    private readonly transport: Transport,
    private readonly files: ReadableFiles,
    readonly notes: UploadNotes,
    private readonly options: UploadOptions = {},
  ) {}

  /** The files with their sizes and SHA-256. */
  async lookAt(paths: readonly string[]): Promise<LocalFile[]> {
    const sizes: number[] = [];
    for (const path of paths) {
      sizes.push((await this.factsOf(path)).size);
    }
    const total = sum(sizes);
    const found: LocalFile[] = [];
    for (const path of paths) {
      const { size, modified } = await this.factsOf(path);
      const sha256 = await this.files.sha256(path, this.options.signal);
      const name = path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
      found.push({ path, name, size, modified, sha256 });
      this.tell("hashing", sum(found.map((one) => one.size)), total, name);
    }
    return found;
  }

  /** What the notes call this set of files in this project of this server. */
  key(projectId: string, files: readonly LocalFile[]): string {
    // Names and digests of a thousand frames are long: one short word stands for them.
    const told = files.map((file) => `${file.name} ${file.sha256}`).join("\n");
    return `${this.transport.server} ${projectId} ${files.length} ${fingerprint(told)}`;
  }

  /**
   * Upload `files` completely, going on where an earlier call stopped.
   *
   * Throws `transfer` when bytes arrive damaged twice or a file changes meanwhile, `unavailable`
   * when the server stays away for minutes.
   */
  async send(projectId: string, files: readonly LocalFile[]): Promise<Upload> {
    const key = this.key(projectId, files);
    let upload = (await this.known(key, files)) ?? (await this.create(projectId, files, key));
    for (let chance = 0; upload.state !== "complete"; chance++) {
      try {
        await this.sendAll(upload, files);
        return await this.complete(upload.id);
      } catch (error) {
        // Damaged files were thrown away over there: their offset is 0 again. A conflict means
        // that bytes thought to be there are not.
        const mended =
          error instanceof RotoError &&
          error.status !== 0 &&
          (error.kind === "transfer" || error.kind === "conflict");
        if (!mended || chance > 0) {
          throw error;
        }
        upload = await this.fetch(upload.id);
      }
    }
    return upload;
  }

  private async known(key: string, files: readonly LocalFile[]): Promise<Upload | null> {
    const { uploadId } = this.notes.get(key);
    if (!uploadId) {
      return null;
    }
    try {
      const upload = await this.fetch(uploadId);
      const same =
        upload.files.length === files.length &&
        upload.files.every((there, i) => there.sha256 === files[i]?.sha256);
      return same ? upload : null;
    } catch (error) {
      if (error instanceof RotoError && error.kind === "not_found") {
        this.notes.forget(key);
        return null;
      }
      throw error;
    }
  }

  private async create(
    projectId: string,
    files: readonly LocalFile[],
    key: string,
  ): Promise<Upload> {
    const told = files.map(({ name, size, sha256 }) => ({ name, size, sha256 }));
    const upload = await this.transport.json<Upload>("POST", "/uploads", {
      body: { project_id: projectId, files: told },
      idempotent: true,
      signal: this.options.signal,
    });
    this.notes.put(key, { uploadId: upload.id });
    return upload;
  }

  private fetch(uploadId: string): Promise<Upload> {
    const { signal } = this.options;
    return this.transport.json<Upload>("GET", `/uploads/${uploadId}`, { signal });
  }

  private async complete(uploadId: string): Promise<Upload> {
    const call = { idempotent: true, signal: this.options.signal };
    const patience = this.options.patience ?? PATIENCE;
    const until = Date.now() + VERIFYING;
    for (let failures = 1; ; failures++) {
      try {
        return await this.transport.json<Upload>("POST", `/uploads/${uploadId}/complete`, call);
      } catch (error) {
        if (!(error instanceof RotoError)) {
          throw error;
        }
        // It is being verified already, for a request that ran out of patience.
        const verifying =
          error.kind === "conflict" && !("missing" in error.detail) && Date.now() < until;
        const away = error.kind === "unavailable" && failures < patience.tries;
        if (!verifying && !away) {
          throw error;
        }
        await this.transport.sleep(pauseAfter(patience, Math.min(failures, 8)), call.signal);
      }
    }
  }

  private async sendAll(upload: Upload, files: readonly LocalFile[]): Promise<void> {
    // A server that is one version older tells no size.
    if (!(upload.piece_size as number | undefined)) {
      await this.sendInOrder(upload, files);
      return;
    }
    const total = sum(files.map((file) => file.size));
    const { transport } = this;
    const { signal, patience = PATIENCE } = this.options;
    const file = (piece: Piece): LocalFile => files[piece.file]!;
    const read = async (piece: Piece): Promise<Uint8Array> => {
      const bytes = await this.files.read(file(piece).path, piece.offset, piece.length);
      if (bytes.length !== piece.length) {
        await this.checkUnchanged(file(piece));
      }
      return bytes;
    };
    const arrived = (done: number, piece: Piece): void =>
      this.tell("uploading", done, total, file(piece).name);
    await sendPieces({ transport, upload, patience, signal, read, arrived });
    for (const one of files) {
      await this.checkUnchanged(one);
    }
  }

  private async sendInOrder(upload: Upload, files: readonly LocalFile[]): Promise<void> {
    const total = sum(files.map((file) => file.size));
    const arrived = upload.files.map((there) => there.offset);
    for (const [index, file] of files.entries()) {
      for (let offset = arrived[index] ?? 0; offset < file.size;) {
        offset = await this.sendPiece(upload.id, index, file, offset);
        arrived[index] = offset;
        this.tell("uploading", sum(arrived), total, file.name);
      }
      await this.checkUnchanged(file);
    }
  }

  /** Send from `offset` on; how much has arrived then. */
  private async sendPiece(
    uploadId: string,
    index: number,
    file: LocalFile,
    offset: number,
  ): Promise<number> {
    const patience = this.options.patience ?? PATIENCE;
    const path = `/uploads/${uploadId}/files/${index}`;
    let at = offset;
    for (let failures = 1; ; failures++) {
      checkGoing(this.options.signal);
      const bytes = await this.files.read(file.path, at, this.options.piece ?? PIECE);
      if (bytes.length === 0) {
        await this.checkUnchanged(file);
      }
      const headers = { "Upload-Offset": String(at), "Content-Type": "application/octet-stream" };
      try {
        const call = { bytes, headers, signal: this.options.signal };
        return (await this.transport.json<OffsetOut>("PATCH", path, call)).offset;
      } catch (error) {
        if (!(error instanceof RotoError)) {
          throw error;
        }
        const told = error.detail["offset"];
        if (error.kind === "conflict" && typeof told === "number") {
          // The piece before arrived, only its answer did not; or another panel sends too.
          return told;
        }
        if (error.kind !== "unavailable" || failures >= patience.tries) {
          throw error;
        }
        await this.transport.sleep(pauseAfter(patience, failures), this.options.signal);
        const there = await this.offset(uploadId, index, at);
        if (there > at) {
          failures = 0;
        }
        at = there;
        if (at >= file.size) {
          return at;
        }
      }
    }
  }

  private async offset(uploadId: string, index: number, otherwise: number): Promise<number> {
    try {
      return (await this.fetch(uploadId)).files[index]?.offset ?? otherwise;
    } catch (error) {
      if (error instanceof RotoError && error.kind === "unavailable") {
        return otherwise;
      }
      throw error;
    }
  }

  private async factsOf(path: string): Promise<{ size: number; modified: number }> {
    const facts = await this.files.facts(path);
    if (!facts) {
      throw new RotoError(`${path} is not on this machine.`, {
        code: "missing_frame",
        hint: "Check the name, or render the frame.",
      });
    }
    return facts;
  }

  private async checkUnchanged(file: LocalFile): Promise<void> {
    const now = await this.factsOf(file.path);
    if (now.size !== file.size || now.modified !== file.modified) {
      throw new RotoError(`${file.name} changed while it was being sent.`, {
        kind: "transfer",
        hint: "Submit again when the render that writes the plate is finished.",
      });
    }
  }

  private tell(stage: string, done: number, total: number, message: string): void {
    checkGoing(this.options.signal);
    this.options.watch?.({ stage, done, total, fraction: total ? done / total : 1, message });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((one, other) => one + other, 0);
}

/** A short word for a long text (64 bits of FNV-1a, twice seeded): it names, it guards nothing. */
function fingerprint(text: string): string {
  let [low, high] = [0x811c9dc5, 0xcbf29ce4];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + 31), 0x01000193);
  }
  return [low, high].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
}
