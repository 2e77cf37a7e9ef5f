/** Who is signed in, and what they may do. */

import { useQuery } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import { renewWithin } from "../api/signing";
import type { components } from "../api/schema";

export type Me = components["schemas"]["Me"];

/** What the server lets the person do with a thing it tells of: its `may`. */
export type May = { may?: string[] | null };

export function useMe() {
  return useQuery({
    queryKey: keys.me,
    queryFn: async () => {
      const me = await data(api.GET("/api/v1/users/me"));
      renewWithin(me.expires_in ?? 0);
      return me;
    },
    staleTime: Infinity,
  });
}

/** Whether `permission` is among what the server said one may do with `thing`. */
export function may(thing: May | null | undefined, permission: string): boolean {
  return thing?.may?.includes(permission) ?? false;
}
