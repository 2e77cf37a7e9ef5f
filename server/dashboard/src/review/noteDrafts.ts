/** Notes that were begun and not added, one a shot: kept while the browser's tab is open. */

import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";

export interface NoteDraft {
  text: string;
  /** Where it was begun; null: on the whole shot. */
  frame: number | null;
  place: { x: number; y: number } | null;
  /** The version that was looked at. */
  jobId: string | null;
}

interface NoteDrafts {
  drafts: Record<string, NoteDraft>;
}

export const useNoteDrafts = create<NoteDrafts>()(
  persist((): NoteDrafts => ({ drafts: {} }), {
    name: "roto.note-drafts",
    storage: createJSONStorage(() => sessionStorage),
  }),
);

/** One without words is none. */
export function draftOf(shotId: string): NoteDraft | null {
  const draft = useNoteDrafts.getState().drafts[shotId];
  return draft?.text.trim() ? draft : null;
}

export function keepDraft(shotId: string, draft: NoteDraft | null): void {
  useNoteDrafts.setState(({ drafts }) => {
    const { [shotId]: _, ...others } = drafts;
    return { drafts: draft?.text ? { ...others, [shotId]: draft } : others };
  });
}

/** As the server is told. */
export function bodyOf({ text, frame, place, jobId }: NoteDraft) {
  return { text: text.trim(), job_id: jobId, ...(frame === null ? {} : { frame, ...(place ?? {}) }) };
}
