/** Which rows of the table are selected, and at which one is; kept while one looks at a job. */

import { create } from "zustand";

export interface Selection {
  /** Row numbers, from 0; -1 before one has gone to any. */
  at: number;
  /** Where a range begins that Shift extends. */
  anchor: number;
  selected: ReadonlySet<string>;
}

interface Table extends Selection {
  /** The filters that this is about. */
  of: string;
  /** Counts how often the list was made anew. */
  stamp: number;
}

export const NOTHING: Selection = { at: -1, anchor: -1, selected: new Set() };

export const useTable = create<Table>(() => ({ ...NOTHING, of: "", stamp: 0 }));

/** Row by row; undefined where a row has not been loaded. */
type Ids = readonly (string | undefined)[];

/** Only this one. */
export function only(ids: Ids, index: number): Selection {
  return { at: index, anchor: index, selected: known(ids.slice(index, index + 1)) };
}

/** This one too, or not any more. */
export function toggled(now: Selection, ids: Ids, index: number): Selection {
  const id = ids[index];
  if (id === undefined) return now;
  const selected = new Set(now.selected);
  if (!selected.delete(id)) selected.add(id);
  return { at: index, anchor: index, selected };
}

/** All from where the range began to here. */
export function extended(now: Selection, ids: Ids, index: number): Selection {
  const anchor = now.anchor < 0 ? index : now.anchor;
  const [first, last] = reached(now, index);
  return { at: index, anchor, selected: known(ids.slice(first, last + 1)) };
}

/** The rows that `extended` would select. */
export function reached(now: Selection, index: number): [number, number] {
  const anchor = now.anchor < 0 ? index : now.anchor;
  return [Math.min(anchor, index), Math.max(anchor, index)];
}

/** `by` rows further, within the list; nothing else is selected by that. */
export function moved(now: Selection, ids: Ids, by: number): Selection {
  if (!ids.length) return now;
  const at = Math.min(Math.max(now.at + by, 0), ids.length - 1);
  return { ...now, at, anchor: at };
}

export function everyOne(now: Selection, ids: Ids): Selection {
  return { ...now, selected: known(ids) };
}

function known(ids: Ids): Set<string> {
  return new Set(ids.filter((id) => id !== undefined));
}
