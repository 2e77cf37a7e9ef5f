/** What the table shows, as its address says it: a link to it shows the same to somebody else. */

import type { components, operations } from "../api/schema";

type Asked = NonNullable<operations["list_job_rows"]["parameters"]["query"]>;
export type JobRow = components["schemas"]["JobRow"];
export type JobState = JobRow["state"];
export type JobKind = JobRow["kind"];
export type Priority = "high" | "normal" | "low";
export type Sort = NonNullable<Asked["sort"]>;

export interface Filters {
  state: JobState[];
  kind: JobKind[];
  priority: Priority[];
  project_id?: string;
  shot_id?: string;
  owner?: string;
  search?: string;
  sort: Sort;
}

export const STATES: JobState[] = ["queued", "running", "succeeded", "failed", "cancelling", "cancelled"];
export const KINDS: JobKind[] = ["roto", "export", "publish", "ingest", "scenes"];
export const PRIORITIES: Priority[] = ["high", "normal", "low"];
const SORTS: Sort[] = [
  "created", "-created", "updated", "-updated", "priority", "-priority", "confidence", "-confidence",
];
const WORDS = ["project_id", "shot_id", "owner", "search"] as const;

/** What an address asks for; what it should not say is left out. */
export function filtersOf(params: URLSearchParams): Filters {
  const filters: Filters = {
    state: known(params.getAll("state"), STATES),
    kind: known(params.getAll("kind"), KINDS),
    priority: known(params.getAll("priority"), PRIORITIES),
    sort: known(params.getAll("sort"), SORTS)[0] ?? "-created",
  };
  for (const word of WORDS) {
    const value = params.get(word)?.trim();
    if (value) filters[word] = value;
  }
  return filters;
}

/** The address with `values` for `name`; with none it is not asked for. */
export function asking(params: URLSearchParams, name: keyof Filters, values: readonly string[]): URLSearchParams {
  const next = new URLSearchParams(params);
  next.delete(name);
  for (const value of values) if (value) next.append(name, value);
  return next;
}

/** Whether anything but the order is asked for. */
export function narrows({ sort: _, state, kind, priority, ...words }: Filters): boolean {
  return state.length + kind.length + priority.length + Object.keys(words).length > 0;
}

/** The order after a click on a column's head: its own first one, then the other way round. */
export function turned(now: Sort, first: Sort): Sort {
  if (now !== first) return first;
  return (first.startsWith("-") ? first.slice(1) : `-${first}`) as Sort;
}

function known<T extends string>(values: readonly string[], allowed: readonly T[]): T[] {
  return allowed.filter((one) => values.includes(one));
}
