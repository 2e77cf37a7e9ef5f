/** Notes of a shot as threads, and where they stand. */

import type { Note } from "../api/shots";

export interface Thread {
  head: Note;
  /** Oldest first. */
  answers: Note[];
  /** As people call it, from 1, in the order in which they were begun. */
  number: number;
}

/** Threads by frame, those of no frame first; of one frame the older first. */
export function threadsOf(notes: readonly Note[]): Thread[] {
  const byAge = [...notes].sort((a, b) => a.created_at.localeCompare(b.created_at));
  const heads = byAge.filter((note) => note.reply_to === null);
  return heads
    .map((head, index) => ({
      head,
      answers: byAge.filter((note) => note.reply_to === head.id),
      number: index + 1,
    }))
    .sort((a, b) => (a.head.frame ?? -Infinity) - (b.head.frame ?? -Infinity) || a.number - b.number);
}

/** Open threads with a place on `frame`. */
export function pinnedOn(threads: readonly Thread[], frame: number): Thread[] {
  return threads.filter(
    ({ head }) => head.frame === frame && head.x !== null && head.y !== null && !head.resolved_at,
  );
}

/** Frames with open notes. */
export function framesOf(threads: readonly Thread[]): number[] {
  const frames = threads.filter(({ head }) => !head.resolved_at).map(({ head }) => head.frame);
  return [...new Set(frames.filter((frame) => frame !== null))].sort((a, b) => a - b);
}
