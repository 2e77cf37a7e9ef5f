/** Every query's key in one place, so that events know what they make old. */

import { QueryClient } from "@tanstack/react-query";
import { mayPass } from "./problem";

export const keys = {
  me: ["me"] as const,
  views: ["views"] as const,
  notices: ["notices"] as const,
  jobs: ["jobs"] as const,
  /** Which jobs a table shows, in which order: no event changes it under the reader's eyes. */
  jobList: ["job-list"] as const,
  job: (id: string) => ["job", id] as const,
  /** Not below its job: it is long, and asked for again only while somebody follows. */
  jobLog: ["job-log"] as const,
  projects: ["projects"] as const,
  project: (id: string) => ["project", id] as const,
  shots: ["shots"] as const,
  /** Not below the jobs, nor the shots: thousands of rows, looked at now and then. */
  newestJobs: ["newest-jobs"] as const,
  shot: (id: string) => ["shot", id] as const,
  farm: ["farm"] as const,
  people: ["people"] as const,
  settings: ["settings"] as const,
  audit: ["audit"] as const,
  statistics: ["statistics"] as const,
};

const MOST_TRIES = 3;

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        // Events say what has changed; this is for what no event tells of.
        staleTime: 60_000,
        retry: (count, error) => count < MOST_TRIES && mayPass(error),
        refetchOnWindowFocus: false,
        networkMode: "always",
      },
      // Never held back for a network that may come: what was decided then is decided now, or not at all.
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
