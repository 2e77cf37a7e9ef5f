import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { everything } from "../api/everything";
import { keys } from "../api/queries";
import type { components } from "../api/schema";

export type Node = components["schemas"]["NodeOut"];
export type Worker = components["schemas"]["WorkerOut"];
export type Queues = components["schemas"]["QueuesOut"];
export type History = components["schemas"]["HistoryOut"];
export type NodeState = Node["state"];

/** What no event tells of, progress and memory, is looked at so often. */
const LOOK_MS = 5000;
const MINUTE_MS = 60_000;

export function useNodes() {
  return useQuery({
    queryKey: [...keys.farm, "nodes"],
    queryFn: () =>
      everything((cursor) =>
        data(api.GET("/api/v1/farm/nodes", { params: { query: { limit: 1000, cursor } } })),
      ),
    refetchInterval: LOOK_MS,
  });
}

export function useQueues() {
  return useQuery({
    queryKey: [...keys.farm, "queues"],
    queryFn: () => data(api.GET("/api/v1/farm/queues")),
    refetchInterval: LOOK_MS,
  });
}

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
