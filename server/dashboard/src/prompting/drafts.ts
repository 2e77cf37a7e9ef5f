/** Drafts kept in this browser until they are sent. There is nothing secret in them. */

import type { Draft } from "./model";

const DATABASE = "roto-prompting";
const STORE = "drafts";

/** A draft, and the plate version it was said of; unknown of those that an earlier dashboard kept. */
export interface Kept extends Draft {
  plateVersion?: number;
}

export async function keptDraft(key: string): Promise<Kept | undefined> {
  return run("readonly", (store) => store.get(key) as IDBRequest<Kept | undefined>);
}

export async function keepDraft(key: string, draft: Kept): Promise<void> {
  await run("readwrite", (store) => store.put(draft, key));
}

export async function forgetDraft(key: string): Promise<void> {
  await run("readwrite", (store) => store.delete(key));
}

/** One line to it for all: what is kept in order is there in order. */
let database: Promise<IDBDatabase> | null = null;

async function run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  database ??= opened().catch((error) => {
    database = null;
    throw error;
  });
  return settled(work((await database).transaction(STORE, mode).objectStore(STORE)));
}

async function opened(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  const found = await settled(request);
  found.onclose = () => {
    database = null;
  };
  return found;
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("This browser keeps nothing."));
  });
}
