/**
 * The table's jobs. Which there are, and in which order, is asked for once and then stands: what
 * happens to them is shown in their lines, and new ones are announced rather than put between.
 */

import { keepPreviousData, useInfiniteQuery, useQueries, useQuery } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { Filters, JobRow } from "./filters";
import { arrived } from "./lines";

export const PART = 100;
const LOOK = 25;
const KEEP_MS = 10 * 60_000;

export interface Part {
  items: JobRow[];
  next?: string | null;
  /** By state, how many there were when the list was made; of its first part. */
  states: Record<string, number>;
  /** When it was read. */
  at: number;
}

function readRows(query: Filters & { limit: number; cursor?: string }, signal?: AbortSignal) {
  return data(api.GET("/api/v1/jobs/rows", { params: { query }, signal: signal ?? null }));
}

function readCounts({ state: _, sort: __, ...query }: Filters) {
  return data(api.GET("/api/v1/jobs/counts", { params: { query } }));
}

/** The jobs of `filters` as they were when `stamp` was new, part after part. */
export function useJobList(filters: Filters, stamp: number) {
  return useInfiniteQuery({
    queryKey: [...keys.jobList, filters, stamp],
    initialPageParam: "",
    queryFn: async ({ pageParam, signal }): Promise<Part> => {
      const cursor = pageParam ? { cursor: pageParam } : {};
      const [rows, counts] = await Promise.all([
        readRows({ ...filters, limit: PART, ...cursor }, signal),
        pageParam ? { states: {} } : readCounts(filters),
      ]);
      return { ...rows, states: counts.states, at: Date.now() };
    },
    getNextPageParam: (last) => last.next ?? undefined,
    // It stands, once it is there.
    staleTime: (query) => (query.state.data ? "static" : 0),
    gcTime: KEEP_MS,
    placeholderData: keepPreviousData,
  });
}

/** The lines of those parts as they are now, by id; a job that is gone has none. */
export function useLines(parts: readonly Part[], shown: readonly number[]): ReadonlyMap<string, JobRow> {
  return useQueries({
    queries: shown.map((index) => {
      const items = parts[index]?.items ?? [];
      const id = items.map((row) => row.id);
      return {
        queryKey: [...keys.jobs, "lines", id[0], id.at(-1), id.length],
        enabled: id.length > 0,
        initialData: items,
        initialDataUpdatedAt: parts[index]?.at ?? 0,
        queryFn: async () =>
          (await data(api.GET("/api/v1/jobs/rows", { params: { query: { id, limit: PART } } }))).items,
      };
    }),
    combine: (answers) => new Map(answers.flatMap(({ data: rows }) => rows ?? []).map((row) => [row.id, row])),
  });
}

/** By state, how many jobs there are of what is asked for but the state. */
export function useCounts(filters: Filters) {
  const { state: _, sort: __, ...asked } = filters;
  return useQuery({
    queryKey: [...keys.jobs, "counts", asked],
    queryFn: () => readCounts(filters),
    placeholderData: keepPreviousData,
  });
}

/** How many jobs would be in the list that are not. */
export function useArrived(filters: Filters, parts: readonly Part[], counts: Record<string, number>): number {
  const newest = useQuery({
    queryKey: [...keys.jobs, "newest", filters],
    queryFn: () => readRows({ ...filters, limit: LOOK }),
    enabled: parts.length > 0,
  });
  return arrived(parts, newest.data?.items ?? [], counts, filters.state);
}
