import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
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
