/** Files that were dropped on a page, as our client reads a disk. */

import { RotoError } from "roto-client/errors";
import type { ReadableFiles } from "roto-client/files";
import type { LocalFile } from "roto-client/upload";
import type { Hasher } from "./hashing";

/** A file whose SHA-256 was taken before. */
export type HashedFile = Pick<LocalFile, "path" | "size" | "modified" | "sha256">;

export function browserFiles(
  files: ReadonlyMap<string, File>,
  hasher: Hasher,
  hashed: (bytes: number) => void,
  known: ReadonlyMap<string, HashedFile> = new Map(),
): ReadableFiles {
  const file = (path: string): File => {
    const found = files.get(path);
    if (!found) throw new RotoError(`${path} was not dropped here.`, { code: "missing_frame" });
    return found;
  };
  return {
    async facts(path) {
      const found = files.get(path);
      return found ? { size: found.size, modified: found.lastModified, isFolder: false } : null;
    },
    async read(path, offset, length) {
      try {
        return new Uint8Array(await file(path).slice(offset, offset + length).arrayBuffer());
      } catch (error) {
        throw unreadable(path, error);
      }
    },
    async sha256(path, signal) {
      const { size, lastModified } = file(path);
      const before = known.get(path);
      // Neither longer nor later than it was: the server verifies it at the end, whoever is right.
      if (before && before.size === size && before.modified === lastModified) {
        hashed(size);
        return before.sha256;
      }
      try {
        return await hasher.digest(file(path), hashed, signal);
      } catch (error) {
        throw unreadable(path, error);
      }
    },
  };
}

/** A browser refuses to read what has changed on the disk since it was dropped. */
function unreadable(path: string, error: unknown): RotoError {
  if (error instanceof RotoError) return error;
  return new RotoError(`${path} cannot be read any more.`, {
    kind: "transfer",
    hint: "It was changed, moved or deleted since it was dropped here. Drop it again.",
  });
}
