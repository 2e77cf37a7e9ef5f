/** The player opened on what the address says, and the address kept as the player stands. */

import { useEffect } from "react";
import { type Compare, MOST_ONION, type Player, type PlayerState, type PlayerStore } from "./player";

const REST_MS = 300;

type Changes = Record<string, string | null>;

export function useOpened(
  player: PlayerStore,
  now: Player,
  [first, last]: readonly [number | null, number | null],
  search: URLSearchParams,
  hasOther: boolean,
  set: (changes: Changes) => void,
): void {
  useEffect(() => {
    if (first === null || last === null) return;
    const asked = Number(search.get("frame"));
    player.getState().open(first, last, search.has("frame") && Number.isInteger(asked) ? asked : first);
    player.setState(lookOf(search, first, last));
  }, [player, first, last]);
  const due = now.first === first && now.direction === 0 ? changesOf(now, search, hasOther) : {};
  const told = JSON.stringify(due);
  // Where one stands can be sent to somebody; not while it moves.
  useEffect(() => {
    if (told === "{}") return;
    const wait = setTimeout(() => set(JSON.parse(told) as Changes), REST_MS);
    return () => clearTimeout(wait);
  }, [told, set]);
}

/** How another version is compared with, where the address names one. */
export function comparedBy(search: URLSearchParams): Compare {
  const by = search.get("by");
  return by === "difference" || by === "off" ? by : "wipe";
}

/** What the address says of the loop and of what is drawn over the picture. */
export function lookOf(
  search: URLSearchParams,
  first: number,
  last: number,
): Pick<PlayerState, "loop" | "splines" | "onion"> {
  const start = within(search.get("in"), first, last) ?? first;
  const end = within(search.get("out"), first, last) ?? last;
  return {
    loop: start <= end ? [start, end] : [first, last],
    splines: search.has("splines"),
    onion: within(search.get("onion"), 0, MOST_ONION) ?? 0,
  };
}

/** What the address does not say yet, or says no more. `hasOther`: the version to compare with is known. */
export function changesOf(now: PlayerState, search: URLSearchParams, hasOther: boolean): Changes {
  const { at, first, last, loop, splines, onion, compare } = now;
  const due: Changes = {
    frame: String(at),
    in: loop[0] === first ? null : String(loop[0]),
    out: loop[1] === last ? null : String(loop[1]),
    splines: splines ? "1" : null,
    onion: onion === 0 ? null : String(onion),
  };
  if (hasOther) due.by = compare === "wipe" ? null : compare;
  else if (!search.has("compare")) due.by = null;
  return Object.fromEntries(Object.entries(due).filter(([name, value]) => search.get(name) !== value));
}

function within(text: string | null, low: number, high: number): number | null {
  const value = Number(text ?? "no");
  return Number.isInteger(value) && low <= value && value <= high ? value : null;
}
