/** Remembers which upload (and shot) a set of files belongs to; losing it costs sending again. */

export interface Note {
  uploadId?: string;
  shotId?: string;
}

export interface UploadNotes {
  get(key: string): Note;
  put(key: string, facts: Note): void;
  forget(key: string): void;
}

/** The part of `Storage` (a page's localStorage) that is used. */
export interface TextStore {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
}

const PLACE = "megaton-roto.uploads";
const MOST = 200;

/** Notes in a page's own storage: they outlive the panel. */
export function storageNotes(store: TextStore): UploadNotes {
  function load(): [string, Note][] {
    try {
      const kept: unknown = JSON.parse(store.getItem(PLACE) ?? "[]");
      return Array.isArray(kept) ? (kept as [string, Note][]) : [];
    } catch {
      return []; // Damaged notes are no notes.
    }
  }
  function save(kept: [string, Note][]): void {
    store.setItem(PLACE, JSON.stringify(kept.slice(-MOST)));
  }
  return {
    get: (key) => load().find(([one]) => one === key)?.[1] ?? {},
    put(key, facts) {
      const kept = load();
      const known = kept.find(([one]) => one === key)?.[1];
      save([...kept.filter(([one]) => one !== key), [key, { ...known, ...facts }]]);
    },
    forget: (key) => save(load().filter(([one]) => one !== key)),
  };
}

/** Notes for this run only. */
export function memoryNotes(): UploadNotes {
  let text: string | null = null;
  return storageNotes({ getItem: () => text, setItem: (_, now) => void (text = now) });
}
