/** What a drop or a file chooser brought, folders walked through. */

import type { Dropped } from "./plates";

/** Must be called before the drop's event is over: its items are gone after. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped[]> {
  const found: Promise<Dropped[]>[] = [];
  for (const [at, item] of [...transfer.items].entries()) {
    if (item.kind !== "file") continue;
    const entry = item.webkitGetAsEntry?.();
    const file = entry ? null : item.getAsFile();
    const handle = handleOf(item);
    const parcel = entry?.isDirectory ? { parcel: at } : {};
    if (entry) found.push(walk(entry).then(async (files) => from(files.map((one) => ({ ...one, ...parcel })), await handle)));
    if (file) found.push(handle.then((origin) => from([{ path: file.name, file }], origin)));
  }
  return (await Promise.all(found)).flat();
}

/** Of `<input type=file>`; with `webkitdirectory` they know their folders. */
export function chosenFiles(list: Iterable<File>): Dropped[] {
  return Array.from(list, (file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** Files of handles, as Chromium's own choosers give them: they may be read again after a reload. */
export async function handledFiles(handles: readonly FileSystemHandle[]): Promise<Dropped[]> {
  const found = await Promise.all(handles.map((handle) => walkHandle(handle, "")));
  return found.flatMap((files, at) => from(files, handles[at] ?? null));
}

function from(files: Dropped[], origin: FileSystemHandle | null): Dropped[] {
  return origin ? files.map((one) => ({ ...one, origin })) : files;
}

/** null where a browser gives none, or not for what was dropped: then it is only read now. */
async function handleOf(item: DataTransferItem): Promise<FileSystemHandle | null> {
  try {
    return (await item.getAsFileSystemHandle?.()) ?? null;
  } catch (error) {
    if (error instanceof DOMException) return null;
    throw error;
  }
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

async function walkHandle(handle: FileSystemHandle, folder: string): Promise<Dropped[]> {
  if (handle.kind === "file") {
    const file = await (handle as FileSystemFileHandle).getFile();
    return [{ path: folder + handle.name, file }];
  }
  const inside: Promise<Dropped[]>[] = [];
  for await (const one of (handle as FileSystemDirectoryHandle).values()) {
    inside.push(walkHandle(one, `${folder}${handle.name}/`));
  }
  return (await Promise.all(inside)).flat();
}
