import { useQuery } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { StatisticsOut } from "../api/schema";

export type Statistics = StatisticsOut;
export type By = "day" | "project" | "user";
export type Table = "groups" | "stages" | "failures" | "retakes";

export interface Asked {
  /** Days back from now. */
  days: number;
  by: By;
  /** Empty: all one may see. */
  project: string;
}

const DAY_MS = 86_400_000;

/** The query of the API that `asked` means at `now`; whole days, so that a page asks once a day. */
export function queryOf({ days, by, project }: Asked, now: number) {
  const tomorrow = Math.floor(now / DAY_MS + 1) * DAY_MS;
  return {
    since: new Date(tomorrow - days * DAY_MS).toISOString(),
    until: new Date(tomorrow).toISOString(),
    by,
    ...(project ? { project_id: project } : {}),
  };
}

export function useStatistics(asked: Asked) {
  const query = queryOf(asked, Date.now());
  return useQuery({
    queryKey: [...keys.statistics, query],
    queryFn: () => data(api.GET("/api/v1/statistics", { params: { query } })) as Promise<Statistics>,
  });
}

/** Where one of the tables is downloaded for a spreadsheet. */
export function csvAddress(asked: Asked, table: Table): string {
  const query = new URLSearchParams(queryOf(asked, Date.now()));
  query.set("format", "csv");
  query.set("table", table);
  return `/api/v1/statistics?${query}`;
}
