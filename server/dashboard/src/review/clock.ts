/**
 * Plays a `Player`: every frame is shown, in order, and none before its time. A picture that is not
 * there is waited for, so what is judged is always a frame that there is; `measured` says how fast
 * that was.
 */

import type { PlayerStore } from "./player";
import { wrapped } from "./player";

interface Clocked {
  player: PlayerStore;
  /** Frames per second of the plate. */
  fps(): number;
  isThere(frame: number): boolean;
  /** Told about each second while it plays: frames shown per second. */
  measured?(fps: number): void;
}

const SECOND_MS = 1000;

/** Play until the returned function is called. `request` and `cancel` are the browser's own. */
export function runClock(
  { player, fps, isThere, measured }: Clocked,
  request: (run: (now: number) => void) => number = requestAnimationFrame,
  cancel: (id: number) => void = cancelAnimationFrame,
): () => void {
  let shownAt = 0;
  let countedFrom = 0;
  let shown = 0;
  let id = request(tick);

  function tick(now: number): void {
    id = request(tick);
    const { direction, speed, at, loop } = player.getState();
    if (direction === 0) {
      countedFrom = 0;
      return;
    }
    if (countedFrom === 0) start(now);
    const due = SECOND_MS / (fps() * speed);
    if (now - shownAt < due) return;
    const next = wrapped(at, direction, loop);
    if (isThere(next)) {
      // Late by less than a frame the beat is kept; by more it begins anew.
      shownAt = now - shownAt < 2 * due ? shownAt + due : now;
      shown += 1;
      player.setState({ at: next });
    }
    if (now - countedFrom >= SECOND_MS) {
      measured?.((shown * SECOND_MS) / (now - countedFrom));
      countedFrom = now;
      shown = 0;
    }
  }

  function start(now: number): void {
    countedFrom = now;
    shownAt = now;
    shown = 0;
  }

  return () => cancel(id);
}
