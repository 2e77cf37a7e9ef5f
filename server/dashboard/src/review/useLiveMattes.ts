import { useEffect } from "react";
import type { PlayerStore } from "./player";
import type { Screen } from "./screen";

const LIVE = new Set(["queued", "running", "cancelling"]);

/**
 * What a job that tracks has made meanwhile, and, once it has ended, what it made at last.
 * `asked`: another each time that an event has told of the job.
 */
export function useLiveMattes(screen: Screen, player: PlayerStore, state: string | undefined, asked: number): void {
  useEffect(() => {
    if (LIVE.has(state ?? "")) screen.retry();
  }, [screen, state, asked]);
  useEffect(() => {
    screen.forgetMattes();
    player.setState({});
  }, [screen, player, state]);
}
