/** When the stages of a job ran, and each attempt at them. */

import type { Attempt, Job, Task } from "./useJob";

export interface Span {
  /** Parts of the job's whole time, 0 to 1. */
  left: number;
  width: number;
}

const THINNEST = 0.004;

/** From when it was submitted to its end; to now while it has none. In milliseconds. */
export function wholeTime(job: Pick<Job, "created_at" | "finished_at">, now: number): [number, number] {
  const begin = Date.parse(job.created_at);
  const end = job.finished_at ? Date.parse(job.finished_at) : now;
  return [begin, Math.max(end, begin + 1)];
}

/** Where an attempt is in that time. */
export function spanOf(
  attempt: Pick<Attempt, "started_at" | "finished_at">,
  [begin, end]: readonly [number, number],
): Span {
  const part = (time: number) => Math.min(Math.max((time - begin) / (end - begin), 0), 1);
  const left = Math.min(part(Date.parse(attempt.started_at)), 1 - THINNEST);
  const right = attempt.finished_at ? part(Date.parse(attempt.finished_at)) : 1;
  return { left, width: Math.max(right - left, THINNEST) };
}

/** Seconds that a stage has taken, null before it has begun. */
export function seconds(task: Pick<Task, "started_at" | "finished_at">, now: number): number | null {
  if (!task.started_at) return null;
  const end = task.finished_at ? Date.parse(task.finished_at) : now;
  return Math.max(0, end - Date.parse(task.started_at)) / 1000;
}
