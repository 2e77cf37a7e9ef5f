import { useEffect, useMemo } from "react";
import { useStore } from "zustand";
import { newPlayer, type Overlay, OVERLAYS, type Player, type PlayerStore } from "./player";

const KEPT = "roto.player.overlay";

/** A player of one's own, and how it stands; the overlay one looked with last is kept. */
export function usePlayer(): { player: PlayerStore; now: Player } {
  const player = useMemo(() => {
    const made = newPlayer();
    const kept = localStorage.getItem(KEPT) as Overlay | null;
    if (kept && OVERLAYS.includes(kept)) made.setState({ overlay: kept });
    return made;
  }, []);
  const now = useStore(player);
  useEffect(() => localStorage.setItem(KEPT, now.overlay), [now.overlay]);
  return { player, now };
}
