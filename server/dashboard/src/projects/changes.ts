import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import type { MemberRole } from "../api/projects";
import { keys } from "../api/queries";
import type { MemberIn, ProjectChange, ProjectIn, TrashOut } from "../api/schema";
import { useMore } from "../ui/useMore";

export type Trashed = TrashOut;

const trashKey = [...keys.projects, "trash"] as const;

/** A change after which projects, and what is in the trash, are asked for anew. */
function useChange<V, T>(work: (value: V) => Promise<T>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: keys.projects }),
        queries.invalidateQueries({ queryKey: keys.shots }),
      ]),
  });
}

const of = (id: string) => ({ path: { project_id: id } });

export const useCreateProject = () =>
  useChange((body: ProjectIn) => data(api.POST("/api/v1/projects", { body })));

export const useChangeProject = (id: string) =>
  useChange((body: ProjectChange) => data(api.PATCH("/api/v1/projects/{project_id}", { params: of(id), body })));

export const useDeleteProject = (id: string) =>
  useChange((_: void) => data(api.DELETE("/api/v1/projects/{project_id}", { params: of(id) })));

export const useAddMember = (id: string) =>
  useChange((body: MemberIn) => data(api.POST("/api/v1/projects/{project_id}/members", { params: of(id), body })));

export const useChangeMember = (id: string) =>
  useChange(({ user, role }: { user: string; role: MemberRole }) =>
    data(
      api.PUT("/api/v1/projects/{project_id}/members/{user_id}", {
        params: { path: { project_id: id, user_id: user } },
        body: { role },
      }),
    ),
  );

export const useRemoveMember = (id: string) =>
  useChange((user: string) =>
    data(
      api.DELETE("/api/v1/projects/{project_id}/members/{user_id}", {
        params: { path: { project_id: id, user_id: user } },
      }),
    ),
  );

export function useTrash() {
  return useMore(
    trashKey,
    (cursor) => data(api.GET("/api/v1/trash", { params: { query: { limit: 1000, cursor } } })),
    // Nothing tells when it was put there from a host.
    { staleTime: 0 },
  );
}

const thing = ({ kind, id }: Trashed) => ({ path: { kind, thing_id: id } });

export const useRestore = () =>
  useChange((one: Trashed) => data(api.POST("/api/v1/trash/{kind}/{thing_id}/restore", { params: thing(one) })));

export const usePurge = () =>
  useChange((one: Trashed) => data(api.DELETE("/api/v1/trash/{kind}/{thing_id}", { params: thing(one) })));
