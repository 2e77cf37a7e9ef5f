import { useQuery } from "@tanstack/react-query";
import { fetched } from "../api/client";
import { keys } from "../api/queries";

const LOOK_MS = 1000;

/** The plate frame whose mask a job that tracks has made last; null before there is one. */
export function useNewestFrame(job: string | null, object: string | null) {
  return useQuery({
    queryKey: [...keys.job(job ?? ""), "newest", object],
    enabled: job !== null && object !== null,
    refetchInterval: LOOK_MS,
    queryFn: async ({ signal }): Promise<number | null> => {
      const query = new URLSearchParams({ object: object ?? "" });
      const answer = await fetched(new Request(`/api/v1/jobs/${job}/newest-mask?${query}`, { signal }));
      const frame = answer.headers.get("X-Roto-Frame");
      await answer.body?.cancel();
      return answer.ok && frame !== null ? Number(frame) : null;
    },
  });
}
