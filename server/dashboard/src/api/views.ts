/** Views of a page that somebody has saved for themselves: its address' query, by name. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "./client";
import { keys } from "./queries";
import type { SavedViewsOut } from "./schema";

export type ViewPage = keyof SavedViewsOut["views"] & string;
export type Views = Record<string, string>;

export function useViews(page: ViewPage) {
  return useQuery({
    queryKey: keys.views,
    queryFn: () => data(api.GET("/api/v1/users/me/views")),
    select: ({ views }): Views => views[page] ?? {},
  });
}

/** Changes the page's views as they are by now: another window may have saved some. */
export function useSaveViews(page: ViewPage) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (change: (views: Views) => Views) => {
      const { views } = await data(api.GET("/api/v1/users/me/views"));
      const body = { views: { [page]: change(views[page] ?? {}) } };
      return data(api.PUT("/api/v1/users/me/views", { body }));
    },
    onSuccess: (told) => queries.setQueryData(keys.views, told),
  });
}

/** A query that says the same is the same, whatever the order of its words. */
export function wordsOf(params: URLSearchParams): string {
  const sorted = new URLSearchParams(params);
  sorted.sort();
  return sorted.toString();
}

/** The name under which what is shown was saved. */
export function nameOf(views: Views, params: URLSearchParams): string | undefined {
  const words = wordsOf(params);
  return Object.keys(views).find((name) => wordsOf(new URLSearchParams(views[name])) === words);
}
