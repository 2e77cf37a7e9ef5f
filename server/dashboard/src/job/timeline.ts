/** When the stages of a job ran, and each attempt at them. */

import type { Job } from "../api/jobs";
import { lasting } from "../ui/time";
import { type Attempt, ENDED, type Task } from "./useJob";

export interface Span {
  /** Parts of the job's whole time, 0 to 1. */
  left: number;
  width: number;
}

type Ran = Pick<Attempt, "started_at" | "finished_at">;
type Timed = Pick<Job, "state" | "created_at" | "finished_at"> & { tasks: readonly { attempts: readonly Ran[] }[] };

const THINNEST = 0.004;

/** How often a job's times are told again, in milliseconds: each second while it may run. */
export function tickOf({ state }: Pick<Job, "state">): number {
  return ENDED.includes(state) ? 60_000 : 1000;
}

/** From when it was submitted to its end; to now while it has none. In milliseconds. */
export function wholeTime(job: Pick<Job, "created_at" | "finished_at">, now: number): [number, number] {
  const begin = Date.parse(job.created_at);
  const end = job.finished_at ? Date.parse(job.finished_at) : now;
  return [begin, Math.max(end, begin + 1)];
}

/** Where an attempt is in that time. */
export function spanOf(attempt: Ran, [begin, end]: readonly [number, number]): Span {
  const part = (time: number) => Math.min(Math.max((time - begin) / (end - begin), 0), 1);
  const left = Math.min(part(Date.parse(attempt.started_at)), 1 - THINNEST);
  const right = attempt.finished_at ? part(Date.parse(attempt.finished_at)) : 1;
  return { left, width: Math.max(right - left, THINNEST) };
}

/** Seconds in which one of the attempts ran at least, not those in between; null before the first. */
export function seconds(attempts: readonly Ran[], now: number): number | null {
  if (!attempts.length) return null;
  const spans = attempts.map(({ started_at, finished_at }): [number, number] => [
    Date.parse(started_at),
    finished_at ? Date.parse(finished_at) : now,
  ]);
  let [sum, until] = [0, -Infinity];
  for (const [begin, end] of spans.sort(([one], [other]) => one - other)) {
    sum += Math.max(0, end - Math.max(begin, until));
    until = Math.max(until, end);
  }
  return sum / 1000;
}

/** "waits for 3 min", "runs for 5 s", "took 8 s" of a job; null where it ended before anything ran. */
export function timeWords({ state, created_at, finished_at, tasks }: Timed, now: number): string | null {
  const attempts = tasks.flatMap((task) => task.attempts);
  const ran = seconds(attempts, finished_at ? Date.parse(finished_at) : now);
  if (ENDED.includes(state)) return ran === null ? null : `took ${lasting(ran)}`;
  if (ran === null) return `waits for ${lasting((now - Date.parse(created_at)) / 1000)}`;
  // Since when it waits again nobody is told: a failed one may have lain for days before it was tried again.
  return attempts.some(({ finished_at }) => !finished_at) ? `runs for ${lasting(ran)}` : `waits, ran for ${lasting(ran)}`;
}

/** "62 of 240 frames are tracked." while, or after, its track stage was under way. */
export function trackedWords(state: Job["state"], tasks: readonly Pick<Task, "kind" | "progress">[]): string {
  const { done = 0, total = 0 } = (tasks.find(({ kind }) => kind === "track")?.progress ?? {}) as { done?: number; total?: number };
  if (done > 0) return `${done} of ${total} frames are tracked.`;
  return ENDED.includes(state) ? "No frame was tracked." : "Not tracked yet.";
}
