/** What a drop or a file chooser brought, folders walked through. */

import type { Dropped } from "./plates";

/** Must be called before the drop's event is over: its items are gone after. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped[]> {
  const entries: FileSystemEntry[] = [];
  const loose: Dropped[] = [];
  for (const item of transfer.items) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry?.();
    const file = entry ? null : item.getAsFile();
    if (entry) entries.push(entry);
    if (file) loose.push({ path: file.name, file });
  }
  return [...loose, ...(await Promise.all(entries.map(walk))).flat()];
}

/** Of `<input type=file>`; with `webkitdirectory` they know their folders. */
export function chosenFiles(list: FileList): Dropped[] {
  return Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

async function walk(entry: FileSystemEntry): Promise<Dropped[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path: entry.fullPath.replace(/^\//, ""), file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Dropped[] = [];
  // A reader gives a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return found;
    for (const one of await Promise.all(some.map(walk))) found.push(...one);
  }
}
