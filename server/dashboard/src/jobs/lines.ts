/** What a list that stands still has missed. */

import type { JobRow, JobState } from "./filters";

interface Known {
  parts: ReadonlyMap<number, { items: readonly Pick<JobRow, "id">[] }>;
  /** Where none has come, what `now` is. */
  states: Record<string, number>;
}

/**
 * How many jobs have come since the list was made: those on top that it does not have, or, where
 * they came further below, by how many there are more.
 */
export function arrived(
  list: Known,
  top: readonly Pick<JobRow, "id">[],
  now: Record<string, number>,
  states: readonly JobState[],
): number {
  const then = list.states;
  const had = new Set([...list.parts.values()].flatMap(({ items }) => items.map((row) => row.id)));
  const unknown = top.filter((row) => !had.has(row.id)).length;
  const known = Object.keys(now).length ? count(now, states) - count(then, states) : 0;
  return Math.max(unknown, known, 0);
}

/** Of `counts` by state, how many in those; all where none is named. */
export function count(counts: Record<string, number>, states: readonly string[]): number {
  return Object.entries(counts)
    .filter(([state]) => !states.length || states.includes(state))
    .reduce((sum, [, each]) => sum + each, 0);
}
