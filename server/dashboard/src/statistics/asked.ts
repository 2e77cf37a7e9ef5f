/** What the page asks for, as its address says it: a link to it tells the same days to somebody else. */

import { may, type May } from "../session/session";

export type By = "day" | "project" | "user";

export interface Asked {
  /** How many days back from today; 0: the days are one's own. */
  span: number;
  /** The first and the last day, UTC, as a field for days has them (2026-11-30). */
  since: string;
  until: string;
  by: By;
  /** Empty: all one may see. */
  project: string;
}

export const SPANS: Record<number, string> = { 7: "7 days", 30: "30 days", 90: "90 days", 365: "A year" };
/** What the server counts at once. */
export const MOST_DAYS = 400;

const USUAL = 30;
const DAY_MS = 86_400_000;

export function askedOf(params: URLSearchParams, now: number): Asked {
  const rest = {
    by: (["day", "project", "user"] as const).find((by) => by === params.get("by")) ?? "day",
    project: params.get("project") ?? "",
  };
  const [since, until] = [params.get("since") ?? "", params.get("until") ?? ""];
  if (!wrongWith(since, until)) return { span: 0, since, until, ...rest };
  const days = Number(params.get("days"));
  const span = days in SPANS ? days : USUAL;
  return { span, since: dayAt(now - (span - 1) * DAY_MS), until: dayAt(now), ...rest };
}

/** Why nothing is asked of the days from `since` to `until`; empty: it is. */
export function wrongWith(since: string, until: string): string {
  if (!isDay(since) || !isDay(until)) return "Name both days.";
  const days = (Date.parse(until) - Date.parse(since)) / DAY_MS + 1;
  if (days < 1) return "The first day is after the last one.";
  return days > MOST_DAYS ? `At most ${MOST_DAYS} days are counted at once; these are ${days.toLocaleString("en")}.` : "";
}

/** The query of the API: whole days, the last one among them, so that a page asks once a day. */
export function queryOf({ since, until, by, project }: Asked) {
  return {
    since: new Date(Date.parse(since)).toISOString(),
    until: new Date(Date.parse(until) + DAY_MS).toISOString(),
    by,
    ...(project ? { project_id: project } : {}),
  };
}

/** Whether there is such a day: not every browser refuses the 31st of February. */
function isDay(text: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : NaN;
  return !Number.isNaN(at) && dayAt(at) === text;
}

function dayAt(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Whether others' work is left out, of the project or of all: an administrator's and a supervisor's figures are of everybody. */
export function countsPart(role: string, projects: readonly (May & { id: string })[] | undefined, project: string): boolean {
  if (role === "admin" || !projects) return false;
  const asked = projects.filter(({ id }) => !project || id === project);
  return !asked.length || !asked.every((one) => may(one, "manage_project"));
}
