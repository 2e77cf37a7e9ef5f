import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { BulkItem, BulkOut, FoundOut, ScanOut, ShotIn } from "../api/schema";

const path = (id: string) => ({ path: { project_id: id } });

export function useScan(projectId: string) {
  return useMutation({
    mutationFn: (body: { path: string; depth: number }) =>
      data(api.POST("/api/v1/projects/{project_id}/scan", { params: path(projectId), body })) as Promise<ScanOut>,
  });
}

/** Shots of one request, as the server takes them. */
const MOST = 500;

interface Making {
  shots: readonly ShotIn[];
  /** What became of each, by its plate's path; told as the answers come. */
  tell(made: ReadonlyMap<string, BulkItem>): void;
}

/** Many shots; each that is refused says why, and keeps no other from being made. Answers how many were. */
export function useMakeShots(projectId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ shots, tell }: Making) => {
      let made = 0;
      for (let begin = 0; begin < shots.length; begin += MOST) {
        const some = shots.slice(begin, begin + MOST);
        const answer = (await data(
          api.POST("/api/v1/projects/{project_id}/shots/bulk", {
            params: path(projectId),
            body: { shots: some, all_or_none: false },
          }),
        )) as BulkOut;
        made += answer.made;
        tell(new Map(answer.items.map((item) => [some[item.index]?.plate.path ?? "", item])));
      }
      return made;
    },
    onSettled: () => queries.invalidateQueries({ queryKey: keys.shots }),
  });
}

/** A found plate and, of a stereo pair, the one beside it, as the shot to be made. */
export function shotOf(found: FoundOut, all: readonly FoundOut[], name: string): ShotIn {
  const beside = all.filter((one) => one.beside === found.path);
  const views = Object.fromEntries(beside.map((one) => [one.view, { path: one.path }]));
  return { name, plate: { path: found.path }, ...(beside.length && { views }) };
}
