import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { BulkOut, FoundOut, ScanOut, ShotIn } from "../api/schema";

const path = (id: string) => ({ path: { project_id: id } });

export function useScan(projectId: string) {
  return useMutation({
    mutationFn: (body: { path: string; depth: number }) =>
      data(api.POST("/api/v1/projects/{project_id}/scan", { params: path(projectId), body })) as Promise<ScanOut>,
  });
}

/** Many shots; each that is refused says why, and keeps no other from being made. */
export function useMakeShots(projectId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (shots: ShotIn[]) =>
      data(
        api.POST("/api/v1/projects/{project_id}/shots/bulk", {
          params: path(projectId),
          body: { shots, all_or_none: false },
        }),
      ) as Promise<BulkOut>,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.shots }),
  });
}

/** A found plate and, of a stereo pair, the one beside it, as the shot to be made. */
export function shotOf(found: FoundOut, all: readonly FoundOut[], name: string): ShotIn {
  const beside = all.filter((one) => one.beside === found.path);
  const views = Object.fromEntries(beside.map((one) => [one.view, { path: one.path }]));
  return { name, plate: { path: found.path }, ...(beside.length && { views }) };
}
