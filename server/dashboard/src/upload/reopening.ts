/** The files of an upload that was begun before: by their handles, or chosen again. */

import { RotoError } from "roto-client/errors";
import type { Kept, KeptFile } from "./keeping";
import type { Dropped } from "./plates";

/** Whether the browser may read all of it again by itself, once it is asked by a click. */
export function hasHandles({ files }: Pick<Kept, "files">): boolean {
  return files.length > 0 && files.every(({ origin }) => origin !== null);
}

/** The files, read by the record's handles; must be called by a click, for the browser may ask. */
export async function reopened(kept: Kept): Promise<Dropped[]> {
  for (const origin of kept.origins) await permit(origin);
  const found: Dropped[] = [];
  for (const file of kept.files) {
    const origin = kept.origins[file.origin ?? -1];
    if (!origin) throw gone(file.path);
    found.push({ path: file.path, file: await fileOf(origin, file.path), origin });
  }
  return checked(kept.files, found);
}

/** Files somebody chose again, in the order they were begun in; others beside them are no matter. */
export function chosenAgain(
  wanted: readonly Pick<KeptFile, "path" | "name" | "size">[],
  chosen: readonly Dropped[],
): Dropped[] {
  const byName = new Map<string, Dropped[]>();
  for (const one of chosen) byName.set(one.file.name, [...(byName.get(one.file.name) ?? []), one]);
  const found = wanted.map(({ path, name, size }) => {
    const alike = byName.get(name) ?? [];
    const one = alike.find(({ file }) => file.size === size) ?? alike[0];
    return one && { ...one, path };
  });
  const missing = wanted.filter((_, at) => !found[at]);
  if (missing.length) {
    const more = missing.length > 1 ? ` and ${missing.length - 1} more` : "";
    throw refusal(`${missing[0]?.name}${more} of ${wanted.length} is not among them.`, "Choose all files that were begun.");
  }
  return checked(wanted, found.filter((one) => one !== undefined));
}

function checked(wanted: readonly Pick<KeptFile, "name" | "size">[], found: Dropped[]): Dropped[] {
  wanted.forEach(({ name, size }, at) => {
    const there = found[at]?.file.size;
    if (there === size) return;
    throw refusal(
      `${name} is another file now: it has ${there} bytes, and ${size} were begun.`,
      "Discard what was begun, and drop the new file above.",
    );
  });
  return found;
}

async function permit(origin: FileSystemHandle): Promise<void> {
  const read = { mode: "read" } as const;
  if (!origin.queryPermission || (await origin.queryPermission(read)) === "granted") return;
  if ((await origin.requestPermission?.(read)) !== "granted") {
    throw refusal(`The browser was not let to read ${origin.name}.`, "Go on again and allow it, or choose the files yourself.");
  }
}

async function fileOf(origin: FileSystemHandle, path: string): Promise<File> {
  try {
    if (origin.kind === "file") return await (origin as FileSystemFileHandle).getFile();
    let folder = origin as FileSystemDirectoryHandle;
    // The first is the dropped folder itself.
    const names = path.split("/").slice(1);
    for (const name of names.slice(0, -1)) folder = await folder.getDirectoryHandle(name);
    return await (await folder.getFileHandle(names.at(-1) ?? "")).getFile();
  } catch (error) {
    if (error instanceof DOMException) throw gone(path);
    throw error;
  }
}

function gone(path: string): RotoError {
  return refusal(`${path} cannot be read any more.`, "It was moved or deleted. Choose the files yourself, where they are now.");
}

function refusal(message: string, hint: string): RotoError {
  return new RotoError(message, { kind: "input", code: "other_files", hint });
}
