/**
 * What this browser began to send, kept in its IndexedDB until it is a shot: after a reload it is
 * offered again. Handles of files go with it where the browser has them (Chromium, by https).
 */

import type { LocalFile } from "roto-client/upload";
import type { Dropped, FoundPlate } from "./plates";

export interface KeptFile extends Pick<LocalFile, "path" | "name" | "size" | "modified"> {
  sha256: string | null;
  /** Which of the record's origins it is read by; null: it has to be chosen again. */
  origin: number | null;
}

/** The shot whose plate gets a new version by it. */
export interface Target {
  shotId: string;
  view: string;
  frameOffset: number;
  /** The view's newest version when it was begun. */
  after: number;
}

export interface Kept {
  id: string;
  userId: string;
  projectId: string;
  /** Of the shot. */
  name: string;
  plate: Omit<FoundPlate, "files">;
  files: KeptFile[];
  origins: FileSystemHandle[];
  uploadId: string | null;
  /** Not there: a new shot is made of it. */
  target?: Target;
  /** The name its shot was asked for by, while no answer is known. */
  asked?: string;
  /** Milliseconds since the epoch. */
  begun: number;
}

const DATABASE = "megaton-roto";
const STORE = "uploads";

export function keptOf(id: string, userId: string, projectId: string, plate: FoundPlate): Kept {
  const { files, ...rest } = plate;
  const origins = [...new Set(files.map(({ origin }) => origin).filter((one) => one !== undefined))];
  return {
    id,
    userId,
    projectId,
    name: plate.name,
    plate: rest,
    files: files.map((one) => keptFile(one, origins)),
    origins,
    uploadId: null,
    begun: Date.now(),
  };
}

function keptFile({ path, file, origin }: Dropped, origins: readonly FileSystemHandle[]): KeptFile {
  const { name, size, lastModified: modified } = file;
  return { path, name, size, modified, sha256: null, origin: origin ? origins.indexOf(origin) : null };
}

/** The record with what was read of its files. */
export function withHashes(kept: Kept, local: readonly LocalFile[]): Kept {
  const byPath = new Map(local.map((one) => [one.path, one]));
  return { ...kept, files: kept.files.map((file) => ({ ...file, ...byPath.get(file.path) })) };
}

export async function readKept(userId: string): Promise<Kept[]> {
  const all = (await ask("readonly", (store) => store.getAll())) as Kept[];
  return all.filter((one) => one.userId === userId).sort((one, other) => other.begun - one.begun);
}

export async function keep(kept: readonly Kept[]): Promise<void> {
  await ask("readwrite", (store) => kept.map((one) => store.put(one)).at(-1));
}

export async function forgetKept(ids: readonly string[]): Promise<void> {
  await ask("readwrite", (store) => ids.map((id) => store.delete(id)).at(-1));
}

/** Older records of the upload that `kept` goes into and of what is made of it, but for those that are `ours`. */
export async function forgetTwins(kept: Kept, ours: readonly string[]): Promise<void> {
  const all = await readKept(kept.userId);
  const twins = all.filter((one) => one.id !== kept.id && !ours.includes(one.id) && isTwin(one, kept));
  if (twins.length) await forgetKept(twins.map(({ id }) => id));
}

/** Whether both are of one upload, and the same is to be made of it. */
export function isTwin(one: Kept, other: Kept): boolean {
  const [here, there] = [one.target, other.target];
  return one.uploadId === other.uploadId && here?.shotId === there?.shotId && here?.view === there?.view;
}

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  return (opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  }));
}

async function ask(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest | undefined): Promise<unknown> {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const asked = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(asked?.result);
    transaction.onabort = () => reject(transaction.error);
  });
}
