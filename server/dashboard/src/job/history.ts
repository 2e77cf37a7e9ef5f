/** What happened to a job, from its rows and from what people did. */

import type { Job } from "../api/jobs";
import type { Review } from "../api/shots";
import { lookOf } from "../ui/states";
import type { AuditEntry, Publication } from "./useJob";

export interface Happening {
  at: string;
  what: string;
  who: string;
  /** What was said about it. */
  more: string;
}

const ACTIONS: Record<string, string> = {
  "job.cancelled": "Cancelled",
  "job.retried": "Retried",
  "job.prioritized": "Priority changed",
};
/** Told by the job itself. */
const KNOWN = ["job.created", "job.submitted"];

export function happenings(
  job: Job,
  reviews: readonly Review[],
  published: readonly Publication[],
  audit: readonly AuditEntry[],
): Happening[] {
  const found: Happening[] = [{ at: job.created_at, what: "Submitted", who: job.created_by, more: "" }];
  if (job.started_at) found.push({ at: job.started_at, what: "Started", who: "", more: "" });
  for (const task of job.tasks) {
    for (const { number, error, finished_at: at, worker_id: who } of task.attempts) {
      if (!error || !at) continue;
      found.push({ at, what: `${task.kind}, attempt ${number} failed`, who, more: String(error.message ?? "") });
    }
  }
  if (job.finished_at) {
    found.push({ at: job.finished_at, what: `Ended: ${lookOf(job.state).label.toLowerCase()}`, who: "", more: "" });
  }
  for (const { job_id, created_at: at, after, created_by: who, reason: more } of reviews) {
    if (job_id === job.id) found.push({ at, what: `Review: ${lookOf(after).label.toLowerCase()}`, who, more });
  }
  for (const files of publishings(published)) {
    const [{ created_at: at, path }, ...others] = files;
    const more = others.length ? `${files.length} files, ${path} among them` : path;
    found.push({ at, what: "Published", who: "", more });
  }
  for (const entry of audit) {
    if (KNOWN.includes(entry.action)) continue;
    const what = ACTIONS[entry.action] ?? entry.action;
    found.push({ at: entry.at, what, who: entry.actor.name ?? entry.actor.kind, more: changed(entry) });
  }
  return found.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

/** What follows on each other that closely was published at once. */
const AT_ONCE_MS = 60_000;

/** Files that were published together, the last of them first. */
function publishings(published: readonly Publication[]): [Publication, ...Publication[]][] {
  const found: [Publication, ...Publication[]][] = [];
  for (const file of published.toSorted((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at))) {
    const before = found.at(-1);
    const gap = before && Date.parse((before.at(-1) ?? file).created_at) - Date.parse(file.created_at);
    if (before && gap !== undefined && gap <= AT_ONCE_MS) before.push(file);
    else found.push([file]);
  }
  return found;
}

/** "normal to high". */
function changed({ before, after }: Pick<AuditEntry, "before" | "after">): string {
  return Object.keys(after ?? {})
    .filter((name) => before && name in before)
    .map((name) => `${String(before?.[name])} to ${String(after?.[name])}`)
    .join(", ");
}

/** A document as lines: `engine.version` and what it says. */
export function facts(document: Record<string, unknown>, above = ""): [string, string][] {
  return Object.entries(document).flatMap(([name, value]): [string, string][] => {
    const path = above + name;
    if (value === null || value === "") return [];
    if (typeof value === "object" && !Array.isArray(value)) return facts(value as Record<string, unknown>, `${path}.`);
    return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
  });
}
