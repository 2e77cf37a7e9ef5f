/** Which shots are looked at, one after the other, as an address tells it. */

import type { operations } from "../api/schema";

type Asked = NonNullable<operations["list_all_shots"]["parameters"]["query"]>;

/** The parameters of an address that choose a playlist; they go along from shot to shot. */
const CHOOSING = ["list", "project", "mine", "shots"] as const;
const LISTS = ["pending", "dailies", "picked"] as const;
export type List = (typeof LISTS)[number];
/** Picked shots are named in the address one by one, and proxies take no longer ones. */
export const MOST_PICKED = 100;

export function listOf(search: URLSearchParams): List | null {
  return LISTS.find((list) => list === search.get("list")) ?? null;
}

/** The address of somebody's own playlist: these shots, `MOST_PICKED` at most, in this order. */
export function playlistOf(shots: readonly string[]): string {
  return `/review?list=picked&shots=${shots.join("-")}`;
}

/** The shots of somebody's own playlist, each once. */
export function pickedIn(search: URLSearchParams): string[] {
  const named = search.get("shots")?.split("-").filter((id) => /^[0-9a-f]{32}$/.test(id)) ?? [];
  return [...new Set(named)].slice(0, MOST_PICKED);
}

/** The parameters of `search` that choose the playlist. */
export function choosing(search: URLSearchParams): URLSearchParams {
  const kept = new URLSearchParams();
  for (const name of CHOOSING) {
    const value = search.get(name);
    if (value) kept.set(name, value);
  }
  return kept;
}

/** Shots of one answer; a list is asked for to its end, for who waits longest is there. */
const PART = 1000;

/** What the server is asked for: what waits, or all that was sent today (by `now`), decided or not. */
export function asked(search: URLSearchParams, now = new Date()): Asked {
  return {
    limit: PART,
    ...(search.get("project") ? { project_id: search.get("project") } : {}),
    ...(search.get("mine") ? { mine: true } : {}),
    ...(listOf(search) === "dailies"
      ? { sent_since: startOfDay(now).toISOString() }
      : { review: "pending_review" as const }),
  };
}

/** The address of a shot's review within the playlist of `search`. */
export function reviewOf(shot: string, search: URLSearchParams): string {
  const kept = choosing(search);
  if (!kept.has("list")) kept.set("list", "pending");
  return `/shots/${shot}/review?${kept}`;
}

/** The one after `current`, from the end to the beginning again; null when it is the only one. */
export function following(ids: readonly string[], current: string): string | null {
  const at = ids.indexOf(current);
  const rest = at < 0 ? ids : [...ids.slice(at + 1), ...ids.slice(0, at)];
  return rest[0] ?? null;
}

interface Listed {
  id: string;
  review?: string;
}

export const waits = ({ review }: Listed): boolean => review === "pending_review";

/** "2 of 4 decided". */
export function progressOf(shots: readonly Listed[]): string {
  return `${shots.filter((shot) => !waits(shot)).length} of ${shots.length} decided`;
}

/** The one after `current` that still waits; null when none does. */
export function nextWaiting(shots: readonly Listed[], current: string): string | null {
  const ids = shots.filter((shot) => waits(shot) || shot.id === current).map(({ id }) => id);
  const next = following(ids, current);
  return next === current ? null : next;
}

function startOfDay(now: Date): Date {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate());
}
