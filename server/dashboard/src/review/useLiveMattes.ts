import { useEffect } from "react";
import type { PlayerStore } from "./player";
import type { Screen } from "./screen";

const LIVE = ["queued", "running", "cancelling"];

/** Whether a job may make more. */
export function isLive(state: string | undefined): boolean {
  return LIVE.includes(state ?? "");
}

/**
 * What a job that tracks has made meanwhile, and, once it has ended, what it made at last.
 * `asked`: another each time that an event has told of the job.
 */
export function useLiveMattes(screen: Screen, player: PlayerStore, state: string | undefined, asked: number): void {
  useEffect(() => {
    if (isLive(state)) screen.retry();
  }, [screen, state, asked]);
  useEffect(() => {
    screen.forgetMattes();
    player.setState({});
  }, [screen, player, state]);
}
