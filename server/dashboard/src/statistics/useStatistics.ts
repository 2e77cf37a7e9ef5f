import { useQuery } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { StatisticsOut } from "../api/schema";
import { type Asked, queryOf } from "./asked";

export type Statistics = StatisticsOut;
export type Table = "groups" | "stages" | "failures" | "retakes";

export function useStatistics(asked: Asked) {
  const query = queryOf(asked);
  return useQuery({
    queryKey: [...keys.statistics, query],
    queryFn: () => data(api.GET("/api/v1/statistics", { params: { query } })) as Promise<Statistics>,
  });
}

/** Where one of the tables is downloaded for a spreadsheet. */
export function csvAddress(asked: Asked, table: Table): string {
  const query = new URLSearchParams(queryOf(asked));
  query.set("format", "csv");
  query.set("table", table);
  return `/api/v1/statistics?${query}`;
}
