/** One version of a shot: its shapes, and what is known of each frame. */

import { useQuery } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { RotoDocument } from "./documents";

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
