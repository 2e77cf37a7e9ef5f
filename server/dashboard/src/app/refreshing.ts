/**
 * Which queries an event makes old. They are asked again together, and not more often than a person
 * can see: a farm reports thousands of events a minute.
 */

import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { ServerEvent } from "../api/events";
import { keys } from "../api/queries";

const PAUSE_MS = 700;

const AFFECTED: Record<string, (payload: Record<string, unknown>) => QueryKey[]> = {
  job: ({ job_id, shot_id }) => [keys.jobs, keys.job(String(job_id)), keys.shot(String(shot_id))],
  task: ({ job_id }) => [keys.jobs, keys.job(String(job_id)), keys.farm],
  shot: ({ shot_id }) => [keys.shots, keys.shot(String(shot_id)), keys.jobs],
  note: ({ shot_id }) => [keys.shot(String(shot_id))],
  project: () => [keys.projects, keys.shots],
  conform: () => [keys.projects],
  worker: () => [keys.farm],
  node: () => [keys.farm],
  user: () => [keys.people, keys.me],
  server: () => [keys.notices],
};

/** The keys that `event` makes old; all there are for `resync`. */
export function affected(event: ServerEvent): QueryKey[] {
  if (event.kind === "resync") return [[]];
  return AFFECTED[event.kind.split(".")[0] ?? ""]?.(event.payload) ?? [];
}

export function refresher(queries: QueryClient) {
  const waiting = new Map<string, QueryKey>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function ask(): void {
    timer = undefined;
    const asked = [...waiting.values()];
    waiting.clear();
    for (const queryKey of asked) void queries.invalidateQueries({ queryKey });
  }

  return {
    take(event: ServerEvent): void {
      for (const key of affected(event)) waiting.set(JSON.stringify(key), key);
      if (waiting.size && timer === undefined) timer = setTimeout(ask, PAUSE_MS);
    },
    stop(): void {
      clearTimeout(timer);
    },
  };
}
