/** The player opened on what the address says, and the address kept as the player stands. */

import { useEffect } from "react";
import type { Player, PlayerStore } from "./player";

const REST_MS = 300;

export function useOpened(
  player: PlayerStore,
  now: Player,
  [first, last]: readonly [number | null, number | null],
  search: URLSearchParams,
  change: (name: string, value: string | null) => void,
): void {
  useEffect(() => {
    if (first === null || last === null) return;
    const asked = Number(search.get("frame"));
    player.getState().open(first, last, search.has("frame") && Number.isInteger(asked) ? asked : first);
  }, [player, first, last]);
  const isTold = search.get("frame") === String(now.at);
  // Where one stands can be sent to somebody; not while it moves.
  useEffect(() => {
    if (isTold || now.direction !== 0 || now.first !== first) return;
    const wait = setTimeout(() => change("frame", String(now.at)), REST_MS);
    return () => clearTimeout(wait);
  }, [isTold, now.at, now.direction, now.first, first, change]);
}
