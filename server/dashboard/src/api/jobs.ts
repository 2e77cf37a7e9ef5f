/** One job, as every area asks for it. */

import { useQuery } from "@tanstack/react-query";
import { api, data } from "./client";
import { keys } from "./queries";
import type { components } from "./schema";

export type Job = components["schemas"]["JobOut"];

export function useJob(id: string) {
  return useQuery({
    queryKey: keys.job(id),
    enabled: id !== "",
    queryFn: () =>
      data(api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: id } } })) as Promise<Job>,
  });
}
