import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import type { Node } from "../api/farm";
import { keys } from "../api/queries";
import type { components } from "../api/schema";

export type Worker = components["schemas"]["WorkerOut"];
export type History = components["schemas"]["HistoryOut"];
export type NodeState = Node["state"];

const MINUTE_MS = 60_000;

export function useHistory(hours: number) {
  return useQuery({
    queryKey: [...keys.farm, "history", hours],
    queryFn: () => data(api.GET("/api/v1/farm/history", { params: { query: { hours } } })),
    refetchInterval: MINUTE_MS,
  });
}

export function useSetNodeState() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ node, state, reason }: { node: string; state: NodeState; reason: string }) =>
      data(
        api.POST("/api/v1/farm/nodes/{node_id}/state", {
          params: { path: { node_id: node } },
          body: { state, reason },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.farm }),
  });
}
