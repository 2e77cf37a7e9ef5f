/** Ways in: sign-ins and keys, one's own or, for administrators, somebody's. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { everything } from "../api/everything";
import { keys } from "../api/queries";
import type { KeyIn, KeyOut, MeChange, ScopeOut, SessionOut } from "../api/schema";

export type Key = KeyOut;
export type Session = SessionOut;
export type Scope = ScopeOut;

const MOST = 1000;
const OWN = [...keys.me, "access"] as const;
const of = (id: string) => [...keys.people, "one", id, "access"] as const;
/** No event tells that a key was used or somebody signed in. */
const OLD_AT_ONCE = { staleTime: 0 } as const;

/** `user`: whose; null: one's own. */
export function useSessions(user: string | null) {
  return useQuery({
    queryKey: [...(user ? of(user) : OWN), "sessions"],
    ...OLD_AT_ONCE,
    queryFn: () =>
      everything((cursor) => {
        const query = { limit: MOST, cursor };
        if (!user) return data(api.GET("/api/v1/auth/sessions", { params: { query } }));
        return data(api.GET("/api/v1/admin/users/{user_id}/sessions", { params: { path: { user_id: user }, query } }));
      }) as Promise<Session[]>,
  });
}

/** As `useSessions`, of keys. */
export function useKeys(user: string | null) {
  return useQuery({
    queryKey: [...(user ? of(user) : OWN), "keys"],
    ...OLD_AT_ONCE,
    queryFn: () =>
      everything((cursor) => {
        const query = { limit: MOST, cursor };
        if (!user) return data(api.GET("/api/v1/api-keys", { params: { query } }));
        return data(api.GET("/api/v1/admin/users/{user_id}/keys", { params: { path: { user_id: user }, query } }));
      }) as Promise<Key[]>,
  });
}

/** A change of ways in; the lists are asked for anew, whatever came of it. */
function useAccessChange<V, T>(user: string | null, work: (value: V) => Promise<T>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSettled: () => queries.invalidateQueries({ queryKey: user ? [...keys.people, "one", user] : OWN }),
  });
}

export function useEndSession(user: string | null) {
  return useAccessChange(user, (session: string) => {
    if (!user) return api.DELETE("/api/v1/auth/sessions/{session_id}", { params: { path: { session_id: session } } });
    const path = { user_id: user, session_id: session };
    return api.DELETE("/api/v1/admin/users/{user_id}/sessions/{session_id}", { params: { path } });
  });
}

export function useRevokeKey(user: string | null) {
  return useAccessChange(user, (key: string) => {
    if (!user) return api.DELETE("/api/v1/api-keys/{key_id}", { params: { path: { key_id: key } } });
    const path = { user_id: user, key_id: key };
    return api.DELETE("/api/v1/admin/users/{user_id}/keys/{key_id}", { params: { path } });
  });
}

export const useMakeKey = () =>
  useAccessChange(null, (body: KeyIn) => data(api.POST("/api/v1/api-keys", { body })));

export function useScopes() {
  return useQuery({
    queryKey: [...OWN, "scopes"],
    queryFn: () => data(api.GET("/api/v1/api-keys/scopes")),
  });
}

export function useChangeMe() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: MeChange) => data(api.PATCH("/api/v1/users/me", { body })),
    onSuccess: (me) => queries.setQueryData(keys.me, me),
  });
}

/** Other sign-ins end with it, so they are asked for anew. */
export const useChangePassword = () =>
  useAccessChange(null, (body: { old: string; new: string }) => api.POST("/api/v1/auth/password/change", { body }));
