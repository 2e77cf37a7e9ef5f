import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { api, data } from "../api/client";
import { beginning } from "../api/everything";
import { keys } from "../api/queries";
import type { JobRow } from "../api/schema";
import type { Shot } from "../api/shots";
import type { Filters } from "./filters";

/** Loaded without being asked for; more on request. */
const PARTS = 3;
const PART = 1000;
const LOOK_MS = 10_000;
/** Of the shots that were worked on last: a card of another has no job on it, its state all the same. */
const MANY_JOBS = 10_000;

const MOST_SHOTS = 1000;
const MOST_PAIRS = 20_000;

export type Mode = "add" | "remove" | "set";

interface Assigning {
  shot_ids: string[];
  user_ids: string[];
  mode: Mode;
}

function readShots({ project, mine, archived }: Filters, more: { cursor?: string; search?: string }) {
  const query = {
    project_id: project || null,
    mine,
    archived: archived ? ("only" as const) : ("no" as const),
    limit: PART,
    ...more,
  };
  return data(api.GET("/api/v1/shots", { params: { query } })) as Promise<{ items: Shot[]; next?: string | null }>;
}

/** The newest shots, and by `fetchNextPage` those before. */
export function useShots(filters: Filters) {
  return useParts(filters, null, true);
}

/** The shots of that name among all there are, also those that have not been loaded. */
export function useFoundShots(filters: Filters, enabled: boolean) {
  const search = filters.search.trim();
  return useParts(filters, search, enabled && search !== "");
}

/** `search`: by that name; null: whatever they are called. */
function useParts(filters: Filters, search: string | null, enabled: boolean) {
  const { project, mine, archived } = filters;
  const query = useInfiniteQuery({
    queryKey: [...keys.shots, "board", { project, mine, archived, search }],
    enabled,
    initialPageParam: "",
    queryFn: ({ pageParam: cursor }) =>
      readShots(filters, { ...(cursor ? { cursor } : {}), ...(search ? { search } : {}) }),
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const { hasNextPage, isFetching, fetchNextPage, isError } = query;
  const parts = query.data?.pages.length ?? 0;
  useEffect(() => {
    if (enabled && hasNextPage && !isFetching && !isError && parts < PARTS) void fetchNextPage();
  }, [enabled, hasNextPage, isFetching, isError, parts, fetchNextPage]);
  const shots = useMemo(() => query.data?.pages.flatMap(({ items }) => items), [query.data]);
  return { ...query, data: shots };
}

/**
 * The newest job of each shot, by the shot's id. Looked at now and then, a thousand rows in that
 * time: a farm at work tells of its jobs more often than they can be asked for.
 */
export function useNewestJobs({ project }: Filters) {
  return useQuery<Map<string, JobRow>>({
    queryKey: [...keys.newestJobs, project],
    refetchInterval: ({ state }) => LOOK_MS * Math.max(1, Math.ceil((state.data?.size ?? 0) / PART)),
    queryFn: async ({ signal }) => {
      const asked = { project_id: project || null, newest: true, sort: "-created" as const, limit: PART };
      const { items } = await beginning((cursor) => {
        const query = { ...asked, ...(cursor ? { cursor } : {}) };
        return data(api.GET("/api/v1/jobs/rows", { params: { query }, signal }));
      }, MANY_JOBS);
      return new Map(items.map((row) => [row.shot_id, row]));
    },
  });
}

export function useAssign(projectId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ shot_ids, user_ids, mode }: Assigning) => {
      // Shots, and pairs of a shot and somebody, of one request, as the server takes them.
      const most = Math.min(MOST_SHOTS, Math.floor(MOST_PAIRS / Math.max(1, user_ids.length)));
      let changed = 0;
      for (let begin = 0; begin < shot_ids.length; begin += most) {
        const body = { shot_ids: shot_ids.slice(begin, begin + most), user_ids, mode };
        const params = { path: { project_id: projectId } };
        const told = await data(api.POST("/api/v1/projects/{project_id}/assignments", { params, body }));
        changed += told.shots_changed;
      }
      return changed;
    },
    onSettled: async (_told, _error, { shot_ids }) => {
      await queries.invalidateQueries({ queryKey: keys.shots });
      for (const id of shot_ids) await queries.invalidateQueries({ queryKey: keys.shot(id) });
    },
  });
}
