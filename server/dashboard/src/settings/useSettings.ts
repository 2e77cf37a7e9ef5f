import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { components } from "../api/schema";
import { useMore } from "../ui/useMore";

export type Entry = components["schemas"]["ConfigEntryOut"];
export type Maintenance = components["schemas"]["MaintenanceOut"];
export type MaintenanceIn = components["schemas"]["MaintenanceIn"];

const PART = 50;
const LOOK_MS = 15_000;
const CONFIG = [...keys.settings, "config"];
const HISTORY = [...keys.settings, "history"];

export function useConfig() {
  return useQuery({ queryKey: CONFIG, queryFn: () => data(api.GET("/api/v1/admin/config")) });
}

export function useHistory() {
  return useMore(HISTORY, (cursor) =>
    data(api.GET("/api/v1/admin/config/history", { params: { query: { limit: PART, cursor } } })),
  );
}

export function useChange() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ name, value }: { name: string; value: unknown }) =>
      data(api.PUT("/api/v1/admin/config/{name}", { params: { path: { name } }, body: { value } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.settings }),
  });
}

export function useRollBack() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (seq: number) =>
      data(api.POST("/api/v1/admin/config/history/{seq}/rollback", { params: { path: { seq } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.settings }),
  });
}

export function useMaintenance() {
  return useQuery({
    queryKey: [...keys.settings, "maintenance"],
    queryFn: () => data(api.GET("/api/v1/admin/maintenance")),
  });
}

export function useSetMaintenance() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: MaintenanceIn) => data(api.PUT("/api/v1/admin/maintenance", { body })),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: keys.settings }),
        queries.invalidateQueries({ queryKey: keys.notices }),
      ]),
  });
}

export type Readiness = components["schemas"]["Readiness"];

/** What the server says of its parts; red is an answer, too. */
export function useHealth() {
  return useQuery({
    queryKey: [...keys.settings, "health"],
    queryFn: () => data(api.GET("/api/v1/admin/health")),
    refetchInterval: LOOK_MS,
  });
}

export type Healthy = components["schemas"]["Healthy"];

/** Which server it is. */
export function useVersion() {
  return useQuery({ queryKey: [...keys.settings, "version"], queryFn: () => data(api.GET("/healthz")) });
}
