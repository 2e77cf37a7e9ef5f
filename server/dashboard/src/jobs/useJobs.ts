/**
 * The table's jobs. Which there are, and in which order, is asked for once and then stands: what
 * happens to them is shown in their lines, and new ones are announced rather than put between.
 */

import { keepPreviousData, type QueryClient, useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import { type Filters, type JobRow, queryOf } from "./filters";
import { arrived, count } from "./lines";
import { type List, PART, type Part, placeOf, rowsOf, withPart } from "./sparse";

const LOOK = 25;
const KEEP_MS = 10 * 60_000;

type Asked = ReturnType<typeof queryOf>;

function readRows(query: Asked & { limit: number; cursor?: string; skip?: number }, signal?: AbortSignal) {
  return data(api.GET("/api/v1/jobs/rows", { params: { query }, signal: signal ?? null }));
}

function readCounts(filters: Filters, signal: AbortSignal) {
  const { state: _, sort: __, ...query } = queryOf(filters);
  return data(api.GET("/api/v1/jobs/counts", { params: { query }, signal }));
}

async function readFirst(filters: Filters, signal: AbortSignal): Promise<List> {
  const [rows, counts] = await Promise.all([
    readRows({ ...queryOf(filters), limit: PART }, signal),
    readCounts(filters, signal),
  ]);
  const { states, at } = counts;
  const total = Math.max(count(states, filters.state), rows.items.length);
  return withPart({ parts: new Map(), total, states, until: at }, 0, partOf(rows));
}

function partOf({ items, next }: { items: JobRow[]; next?: string | null }): Part {
  return { items, next: next ?? null, at: Date.now() };
}

/** The jobs of `filters` as they were when `stamp` was new; `see` loads what is looked at. */
export function useJobList(filters: Filters, stamp: number) {
  const queries = useQueryClient();
  const asked = JSON.stringify(filters);
  const queryKey = useMemo(() => [...keys.jobList, filters, stamp], [asked, stamp]);
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => readFirst(filters, signal),
    // It stands, once it is there.
    staleTime: (known) => (known.state.data ? "static" : 0),
    gcTime: KEEP_MS,
    placeholderData: keepPreviousData,
  });
  const { problem, ...loading } = useLoading(queries, queryKey, filters);
  return { ...query, ...loading, error: query.error ?? problem };
}

interface Reading {
  controller: AbortController;
  done: Promise<void>;
  /** Not for looking at alone: it is read to its end wherever one scrolls. */
  needed: boolean;
}

/** Loads parts of the list under `queryKey` that are not there yet. */
function useLoading(queries: QueryClient, queryKey: readonly unknown[], filters: Filters) {
  const [problem, setProblem] = useState<Error | null>(null);
  const underWay = useRef(new Map<number, Reading>());
  useEffect(() => {
    setProblem(null);
    const asked = underWay.current;
    return () => {
      for (const { controller } of asked.values()) controller.abort();
      asked.clear();
    };
  }, [queryKey]);

  const read = useCallback(
    async (list: List, index: number, signal: AbortSignal): Promise<void> => {
      const asked = queryOf(filters);
      const until = asked.until && asked.until < list.until ? asked.until : list.until;
      try {
        const query = { ...asked, until, limit: PART, ...placeOf(list, index) };
        const part = partOf(await readRows(query, signal));
        queries.setQueryData<List>(queryKey, (now) => now && withPart(now, index, part));
      } catch (error) {
        if (!signal.aborted) setProblem(error as Error);
      } finally {
        if (underWay.current.get(index)?.controller.signal === signal) underWay.current.delete(index);
      }
    },
    [queries, queryKey, filters],
  );
  const want = useCallback(
    (index: number, needed: boolean): Promise<void> | undefined => {
      const list = queries.getQueryData<List>(queryKey);
      if (!list || list.parts.has(index) || index * PART >= list.total) return;
      const before = underWay.current.get(index);
      if (before && !before.controller.signal.aborted) {
        before.needed ||= needed;
        return before.done;
      }
      const controller = new AbortController();
      const done = read(list, index, controller.signal);
      underWay.current.set(index, { controller, done, needed });
      return done;
    },
    [queries, queryKey, read],
  );
  /** Those parts and no others: what somebody has scrolled past is not waited for. */
  const see = useCallback(
    (parts: readonly number[]): void => {
      for (const [index, { controller, needed }] of underWay.current) {
        if (!needed && !parts.includes(index)) controller.abort();
      }
      for (const index of parts) void want(index, false);
    },
    [want],
  );
  /** The ids of all rows as far as they are known once those parts are there. */
  const gather = useCallback(
    async (parts: readonly number[]): Promise<(string | undefined)[]> => {
      await Promise.all(parts.map((index) => want(index, true)));
      const list = queries.getQueryData<List>(queryKey);
      return list ? rowsOf(list).map((row) => row?.id) : [];
    },
    [queries, queryKey, want],
  );
  return { see, gather, problem, forgive: () => setProblem(null) };
}

/** The lines of those parts as they are now, by id; a job that is gone has none. */
export function useLines(list: List | undefined, shown: readonly number[]): ReadonlyMap<string, JobRow> {
  return useQueries({
    queries: shown.map((index) => {
      const part = list?.parts.get(index);
      const id = (part?.items ?? []).map((row) => row.id);
      return {
        queryKey: [...keys.jobs, "lines", id[0], id.at(-1), id.length],
        enabled: id.length > 0,
        initialData: part?.items as JobRow[] | undefined,
        initialDataUpdatedAt: part?.at ?? 0,
        queryFn: async ({ signal }) =>
          (await data(api.GET("/api/v1/jobs/rows", { params: { query: { id, limit: PART } }, signal }))).items,
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
    // Who goes on to other filters does not wait for these.
    queryFn: ({ signal }) => readCounts(filters, signal),
    placeholderData: keepPreviousData,
  });
}

/** How many jobs would be in the list that are not. */
export function useArrived(filters: Filters, list: List | null, counts: Record<string, number>): number {
  const newest = useQuery({
    queryKey: [...keys.jobs, "newest", filters],
    queryFn: ({ signal }) => readRows({ ...queryOf(filters), limit: LOOK }, signal),
    enabled: list !== null,
  });
  return list ? arrived(list, newest.data?.items ?? [], counts, filters.state) : 0;
}


/** What somebody is called who has jobs one may see; null of whom there are none. */
export function useOwnerName(id: string) {
  return useQuery({
    queryKey: [...keys.people, "owner", id],
    queryFn: async ({ signal }) => {
      const query = { owner: id, limit: 1 };
      const { items } = await data(api.GET("/api/v1/jobs/rows", { params: { query }, signal }));
      return items[0]?.owner_name ?? null;
    },
  });
}
