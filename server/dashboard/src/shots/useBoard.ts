import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { everything } from "../api/everything";
import { keys } from "../api/queries";
import type { JobRow } from "../api/schema";
import type { Shot } from "../api/shots";
import type { Filters } from "./filters";

/** More are not looked through on one board: a project's filter makes them fewer. */
export const MOST_SHOTS = 3000;
const PART = 1000;
const LOOK_MS = 10_000;

export type Mode = "add" | "remove" | "set";

export function useShots({ project, mine, archived }: Filters) {
  const query = {
    project_id: project || null,
    mine,
    archived: archived ? ("only" as const) : ("no" as const),
    limit: PART,
  };
  return useQuery({
    queryKey: [...keys.shots, query],
    queryFn: () =>
      everything(
        (cursor) => data(api.GET("/api/v1/shots", { params: { query: { ...query, cursor } } })),
        MOST_SHOTS,
      ) as Promise<Shot[]>,
  });
}

/**
 * The newest job of each shot, as far as it is among the newest thousand. Looked at now and then: a
 * farm at work tells of its jobs more often than a thousand rows can be asked for.
 */
export function useNewestJobs({ project }: Filters) {
  return useQuery({
    queryKey: [...keys.shots, "newest jobs", project],
    refetchInterval: LOOK_MS,
    queryFn: async () => {
      const query = { project_id: project || null, sort: "-created" as const, limit: PART };
      const rows = await data(api.GET("/api/v1/jobs/rows", { params: { query } }));
      return newestByShot(rows.items);
    },
  });
}

export function newestByShot(rows: readonly JobRow[]): Map<string, JobRow> {
  const newest = new Map<string, JobRow>();
  for (const row of rows) if (!newest.has(row.shot_id)) newest.set(row.shot_id, row);
  return newest;
}

export function useAssign(projectId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { shot_ids: string[]; user_ids: string[]; mode: Mode }) =>
      data(
        api.POST("/api/v1/projects/{project_id}/assignments", {
          params: { path: { project_id: projectId } },
          body,
        }),
      ),
    onSettled: async (_told, _error, { shot_ids }) => {
      await queries.invalidateQueries({ queryKey: keys.shots });
      for (const id of shot_ids) await queries.invalidateQueries({ queryKey: keys.shot(id) });
    },
  });
}
