/** The farm as it is now: its nodes and its queues. */

import { useQuery } from "@tanstack/react-query";
import { api, data } from "./client";
import { everything } from "./everything";
import { keys } from "./queries";
import type { NodeOut, QueuesOut } from "./schema";

export type Node = NodeOut;
export type Queues = QueuesOut;

/** What no event tells of, progress and memory, is looked at so often. */
const LOOK_MS = 5000;

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
