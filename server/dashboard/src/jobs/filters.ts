/** What the table shows, as its address says it: a link to it shows the same to somebody else. */

import type { components, operations } from "../api/schema";

type Asked = NonNullable<operations["list_job_rows"]["parameters"]["query"]>;
export type JobRow = components["schemas"]["JobRow"];
export type JobState = JobRow["state"];
export type JobKind = JobRow["kind"];
export type Priority = "high" | "normal" | "low";
export type Sort = NonNullable<Asked["sort"]>;

/** Days back from now, or from and to days that are named. */
export type Submitted = "today" | "7d" | "30d";

export interface Filters {
  state: JobState[];
  kind: JobKind[];
  priority: Priority[];
  submitted?: Submitted;
  /** Days (2026-11-30) as the calendar on the wall has them, both of them included. */
  since?: string;
  until?: string;
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
export const DAYS_BACK: Record<Submitted, number> = { today: 1, "7d": 7, "30d": 30 };
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
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
  const [submitted] = known(params.getAll("submitted"), Object.keys(DAYS_BACK) as Submitted[]);
  if (submitted) return { ...filters, submitted };
  for (const word of ["since", "until"] as const) {
    const day = params.get(word) ?? "";
    if (dayOf(day)) filters[word] = day;
  }
  return filters;
}

/** What the server is asked for: days are whole ones where the browser is. */
export function queryOf({ submitted, since, until, ...filters }: Filters, now = new Date()) {
  const begin = submitted ? dayBefore(now, DAYS_BACK[submitted] - 1) : dayOf(since ?? "");
  const last = dayOf(until ?? "");
  const end = last && dayBefore(last, -1);
  return {
    ...filters,
    ...(begin ? { since: begin.toISOString() } : {}),
    ...(end ? { until: end.toISOString() } : {}),
  };
}

/** The address for jobs submitted in those days: one way of saying it replaces the other. */
export function within(
  params: URLSearchParams,
  { submitted = "", since = "", until = "" }: Pick<Filters, "since" | "until"> & { submitted?: Submitted | "" },
): URLSearchParams {
  const next = asking(asking(params, "submitted", [submitted]), "since", [since]);
  return asking(next, "until", [until]);
}

/** The day `days` before, as a field for days has it. */
export function dayName(now: Date, days = 0): string {
  const day = dayBefore(now, days);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** When it begins; null of what is no day. */
function dayOf(text: string): Date | null {
  const [, year, month, day] = (DAY.exec(text) ?? []).map(Number);
  if (!year || !month || !day) return null;
  const found = new Date(year, month - 1, day);
  return found.getMonth() === month - 1 && found.getDate() === day ? found : null;
}

/** By the calendar, for not every day has 24 hours. */
function dayBefore(now: Date, days: number): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
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
