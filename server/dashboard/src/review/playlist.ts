/** Which shots are looked at, one after the other: those pending review, as an address tells it. */

import type { operations } from "../api/schema";

type Asked = NonNullable<operations["list_all_shots"]["parameters"]["query"]>;

/** The parameters of an address that choose a playlist; they go along from shot to shot. */
const CHOOSING = ["list", "project", "mine"] as const;
export type List = "pending" | "dailies";

export function listOf(search: URLSearchParams): List | null {
  const list = search.get("list");
  return list === "pending" || list === "dailies" ? list : null;
}

/** Shots of one answer; a list is asked for to its end, for who waits longest is there. */
const PART = 1000;

/** What the server is asked for; `now` tells what is of today. */
export function asked(search: URLSearchParams, now = new Date()): Asked {
  return {
    review: "pending_review",
    limit: PART,
    ...(search.get("project") ? { project_id: search.get("project") } : {}),
    ...(search.get("mine") ? { mine: true } : {}),
    ...(listOf(search) === "dailies" ? { reviewed_since: startOfDay(now).toISOString() } : {}),
  };
}

/** The address of a shot's review within the playlist of `search`. */
export function reviewOf(shot: string, search: URLSearchParams): string {
  const kept = new URLSearchParams({ list: "pending" });
  for (const name of CHOOSING) {
    const value = search.get(name);
    if (value) kept.set(name, value);
  }
  return `/shots/${shot}/review?${kept}`;
}

/** The one after `current`, from the end to the beginning again; null when it is the only one. */
export function following(ids: readonly string[], current: string): string | null {
  const at = ids.indexOf(current);
  const rest = at < 0 ? ids : [...ids.slice(at + 1), ...ids.slice(0, at)];
  return rest[0] ?? null;
}

function startOfDay(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate());
}
