/**
 * A long list of which only some parts are here: what is looked at is loaded, wherever it is. Row
 * numbers are from 0, parts are of `PART` rows.
 */

import type { JobRow } from "./filters";

export const PART = 100;

export interface Part {
  items: readonly JobRow[];
  /** Where the next part begins, as the server has it; none after the last. */
  next: string | null;
  /** When it was read. */
  at: number;
}

export interface List {
  parts: ReadonlyMap<number, Part>;
  /** How many rows there are, as far as is known. */
  total: number;
  /** By state, how many there were when the list was made. */
  states: Record<string, number>;
  /** What was submitted later is not in it; by the server's clock. */
  until: string;
}

/** The list with one part more: by its end is known how long the list is. */
export function withPart(list: List, index: number, part: Part): List {
  const parts = new Map(list.parts).set(index, part);
  const known = index * PART + part.items.length;
  if (part.next === null && (part.items.length > 0 || index === 0)) return { ...list, parts, total: known };
  // Rows have gone since: the end is before this part, where it was not looked for yet.
  if (part.next === null) return { ...list, parts, total: Math.min(list.total, index * PART) };
  return { ...list, parts, total: Math.max(list.total, known) };
}

/** Row by row; undefined where none was loaded. */
export function rowsOf({ parts, total }: List): (JobRow | undefined)[] {
  const rows = new Array<JobRow | undefined>(total).fill(undefined);
  for (const [index, { items }] of parts) {
    items.forEach((row, place) => {
      if (index * PART + place < total) rows[index * PART + place] = row;
    });
  }
  return rows;
}

/** The parts that the rows `first` to `last` are of. */
export function partsOf(first: number, last: number): number[] {
  const found = [];
  for (let index = Math.floor(first / PART); index <= Math.floor(last / PART); index += 1) found.push(index);
  return found;
}

/** Where the server finds part `index`: after the one before if that is here, else by counting. */
export function placeOf({ parts }: List, index: number): { cursor: string } | { skip: number } {
  const cursor = parts.get(index - 1)?.next;
  return cursor ? { cursor } : { skip: index * PART };
}
