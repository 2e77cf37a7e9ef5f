import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { api, data } from "../api/client";
import { everything } from "../api/everything";
import { keys } from "../api/queries";
import { asked, following, listOf, nextWaiting, progressOf } from "./playlist";

/** More than a studio has waiting; a list that is as long says so. */
export const MOST_QUEUED = 20_000;

/** The shots that an address' parameters choose, oldest first: who waits longest comes first. */
export function useQueue(search: URLSearchParams) {
  const query = asked(search);
  return useQuery({
    queryKey: [...keys.shots, "queue", query],
    queryFn: async () => {
      const ask = (cursor: string | undefined) =>
        data(api.GET("/api/v1/shots", { params: { query: cursor ? { ...query, cursor } : query } }));
      return (await everything(ask, MOST_QUEUED)).reverse();
    },
  });
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
  const chosen = useMemo(() => {
    const kept = new URLSearchParams();
    for (const name of ["list", "project", "mine"]) {
      const value = search.get(name);
      if (value) kept.set(name, value);
    }
    return kept;
  }, [search]);
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
