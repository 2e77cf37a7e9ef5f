import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import type { MemberRole } from "../api/projects";
import { keys } from "../api/queries";
import type { components } from "../api/schema";
import { useMore } from "../ui/useMore";

export type Person = components["schemas"]["AdminUserOut"];
export type Invitation = components["schemas"]["InvitationIn"];
export type Change = components["schemas"]["AdminUserPatch"];
export type Role = Person["role"];

export const ROLES: readonly Role[] = ["admin", "supervisor", "artist", "viewer"];

export interface Asked {
  query: string;
  role: Role | "";
  state: Person["state"] | "";
}

export function usePeople({ query, role, state }: Asked) {
  return useMore([...keys.people, query, role, state], (cursor) =>
    data(
      api.GET("/api/v1/admin/users", {
        params: {
          query: { query: query || undefined, role: role || undefined, state: state || undefined, cursor },
        },
      }),
    ),
  );
}

export function useInvite() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Invitation) => data(api.POST("/api/v1/admin/users", { body })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.people }),
  });
}

export function useChangePerson() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, body }: { id: string; body: Change }) =>
      data(api.PATCH("/api/v1/admin/users/{user_id}", { params: { path: { user_id: id } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.people }),
  });
}

export function useForget() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      data(api.POST("/api/v1/admin/users/{user_id}/delete", { params: { path: { user_id: id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.people }),
  });
}

export type PersonDetail = components["schemas"]["AdminUserDetail"];

const one = (id: string) => [...keys.people, "one", id] as const;

export function usePerson(id: string, enabled = true) {
  return useQuery({
    queryKey: one(id),
    enabled,
    queryFn: () => data(api.GET("/api/v1/admin/users/{user_id}", { params: { path: { user_id: id } } })),
  });
}

/** Something done with one person; whatever shows people is asked for anew. */
function usePersonChange<V, T>(work: (value: V) => Promise<T>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: keys.people }),
        queries.invalidateQueries({ queryKey: keys.projects }),
      ]),
  });
}

const of = (id: string) => ({ path: { user_id: id } });

export const useMailPassword = (id: string) =>
  usePersonChange((_: void) => api.POST("/api/v1/admin/users/{user_id}/password-mail", { params: of(id) }));

export const useLogOut = (id: string) =>
  usePersonChange((_: void) => api.POST("/api/v1/admin/users/{user_id}/logout", { params: of(id) }));

interface Membership {
  project: string;
  role: MemberRole;
}

export const useChangeMembership = (id: string) =>
  usePersonChange(({ project, role }: Membership) =>
    data(
      api.PUT("/api/v1/projects/{project_id}/members/{user_id}", {
        params: { path: { project_id: project, user_id: id } },
        body: { role },
      }),
    ),
  );

export const useEndMembership = (id: string) =>
  usePersonChange((project: string) =>
    api.DELETE("/api/v1/projects/{project_id}/members/{user_id}", {
      params: { path: { project_id: project, user_id: id } },
    }),
  );

export const useAddMembership = (email: string) =>
  usePersonChange(({ project, role }: Membership) =>
    data(
      api.POST("/api/v1/projects/{project_id}/members", {
        params: { path: { project_id: project } },
        body: { email, role },
      }),
    ),
  );
