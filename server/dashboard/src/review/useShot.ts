/** What the player shows: a shot, its versions, and one version frame by frame. */

import { useQuery } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { components } from "../api/schema";
import type { RotoDocument } from "./documents";

export type Version = components["schemas"]["VersionOut"];

/** More versions, notes or moves than a page shows of one shot. */
const MANY = 200;

export type Shot = NonNullable<ReturnType<typeof useShot>["data"]>;

export function useShot(id: string) {
  return useQuery({
    queryKey: keys.shot(id),
    queryFn: () => data(api.GET("/api/v1/shots/{shot_id}", { params: { path: { shot_id: id } } })),
  });
}

export function useVersions(shotId: string) {
  return useQuery({
    queryKey: [...keys.shot(shotId), "versions"],
    queryFn: () =>
      data(
        api.GET("/api/v1/shots/{shot_id}/versions", {
          params: { path: { shot_id: shotId }, query: { kind: "roto", limit: MANY } },
        }),
      ),
  });
}

export function usePlates(shotId: string) {
  return useQuery({
    queryKey: [...keys.shot(shotId), "plates"],
    queryFn: () =>
      data(
        api.GET("/api/v1/shots/{shot_id}/plates", {
          params: { path: { shot_id: shotId }, query: { limit: MANY } },
        }),
      ),
  });
}

export function useNotes(shotId: string) {
  return useQuery({
    queryKey: [...keys.shot(shotId), "notes"],
    queryFn: () =>
      data(
        api.GET("/api/v1/shots/{shot_id}/notes", {
          params: { path: { shot_id: shotId }, query: { limit: 1000 } },
        }),
      ),
  });
}

export function useReviews(shotId: string) {
  return useQuery({
    queryKey: [...keys.shot(shotId), "reviews"],
    queryFn: () =>
      data(
        api.GET("/api/v1/shots/{shot_id}/reviews", {
          params: { path: { shot_id: shotId }, query: { limit: MANY } },
        }),
      ),
  });
}

/** The shapes that a version made; a document never changes. */
export function useShapes(shotId: string, version: number | null) {
  return useQuery({
    queryKey: [...keys.shot(shotId), "shapes", version],
    enabled: version !== null,
    staleTime: Infinity,
    queryFn: async () => {
      const query = { version: version ?? undefined };
      const asked = api.GET("/api/v1/shots/{shot_id}/shapes", { params: { path: { shot_id: shotId }, query } });
      return (await data(asked)) as unknown as RotoDocument;
    },
  });
}

export function useFrames(jobId: string | null) {
  return useQuery({
    queryKey: [...keys.job(jobId ?? ""), "frames"],
    enabled: jobId !== null,
    queryFn: () =>
      data(api.GET("/api/v1/jobs/{job_id}/frames", { params: { path: { job_id: jobId ?? "" } } })),
  });
}
