import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, data } from "../api/client";
import { beginning } from "../api/everything";
import { keys } from "../api/queries";
import { Problem } from "../api/problem";
import { asked, choosing, following, listOf, nextWaiting, pickedIn, progressOf } from "./playlist";

/** More than a studio has waiting; a list that is as long says so. */
export const MOST_QUEUED = 20_000;

/** The shots that an address' parameters choose: as picked, or oldest first, for who waits longest comes first. */
export function useQueue(search: URLSearchParams) {
  const picked = listOf(search) === "picked" ? pickedIn(search) : null;
  const query = asked(search);
  return useQuery({
    queryKey: [...keys.shots, "queue", picked ?? query],
    queryFn: async () => {
      if (picked) return (await Promise.all(picked.map(seen))).filter((shot) => shot !== null);
      const ask = (cursor: string | undefined) =>
        data(api.GET("/api/v1/shots", { params: { query: cursor ? { ...query, cursor } : query } }));
      return (await beginning(ask, MOST_QUEUED)).items.reverse();
    },
  });
}

/** A shot of somebody's list; null when it is gone, or not for whoever opens the list. */
async function seen(id: string) {
  try {
    return await data(api.GET("/api/v1/shots/{shot_id}", { params: { path: { shot_id: id } } }));
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null;
    throw error;
  }
}

export interface Playlist {
  /** "3 of 12", with how many are decided where those stay in it; null outside of a list. */
  position: string | null;
  next: string | null;
  /** The next one that nobody has decided on. */
  nextWaiting: string | null;
  before: string | null;
  /** The list's own parameters. */
  search: string;
}

/** Where `shotId` stands in its list; a shot that has left it meanwhile keeps its neighbours. */
export function usePlaylist(shotId: string, search: URLSearchParams): Playlist {
  const chosen = useMemo(() => choosing(search), [search]);
  const queue = useQueue(chosen);
  const shots = queue.data ?? [];
  const ids = shots.map(({ id }) => id);
  const at = ids.indexOf(shotId);
  const isIn = listOf(search) !== null && ids.length > 0;
  const place = at < 0 ? `${ids.length} left` : `${at + 1} of ${ids.length}`;
  const decided = listOf(search) === "dailies" ? `; ${progressOf(shots)}` : "";
  return {
    position: isIn ? place + decided : null,
    next: following(ids, shotId),
    nextWaiting: nextWaiting(shots, shotId),
    before: following([...ids].reverse(), shotId),
    search: chosen.toString(),
  };
}
