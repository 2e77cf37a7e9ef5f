/** Files that were dropped on a page, as our client reads a disk. */

import { RotoError } from "roto-client/errors";
import type { ReadableFiles } from "roto-client/files";
import type { Hasher } from "./hashing";

export function browserFiles(
  files: ReadonlyMap<string, File>,
  hasher: Hasher,
  hashed: (bytes: number) => void,
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
