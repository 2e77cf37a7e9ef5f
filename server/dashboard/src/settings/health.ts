/** What the server's answers about its health come to. */

import type { Node } from "../api/farm";
import type { Readiness } from "./useSettings";

/** Names of the parts that do not work. */
export function broken({ checks }: Pick<Readiness, "checks">): string[] {
  return Object.entries(checks).flatMap(([name, check]) => (check.ok ? [] : [name]));
}

interface Worker {
  id: string;
  version: string;
  alive: boolean;
}

/** Workers that live and are of another version than the server: to be upgraded. */
export function outdated(nodes: readonly { workers: readonly Worker[] }[], version: string): Worker[] {
  return nodes.flatMap((node) => node.workers).filter((worker) => worker.alive && worker.version !== version);
}

/** How many machines there are, and how many were heard of lately. */
export function counted(nodes: readonly Pick<Node, "alive">[]): string {
  const alive = nodes.filter((node) => node.alive).length;
  return `${alive} of ${nodes.length} ${nodes.length === 1 ? "machine" : "machines"} alive`;
}
