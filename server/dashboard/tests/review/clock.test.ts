import { expect, it } from "vitest";
import { runClock } from "../../src/review/clock";
import { newPlayer } from "../../src/review/player";

/** A browser that paints when it is told to, `ms` later each time. */
function painted(player: ReturnType<typeof newPlayer>, isThere = (_: number) => true, fps = 24) {
  let run: ((now: number) => void) | undefined;
  const shown: number[] = [];
  const speeds: number[] = [];
  player.subscribe(({ at }, before) => at !== before.at && shown.push(at));
  runClock(
    { player, fps: () => fps, isThere, measured: (speed) => speeds.push(speed) },
    (next) => {
      run = next;
      return 1;
    },
    () => undefined,
  );
  return { shown, speeds, paint: (from: number, to: number, ms: number) => {
    for (let now = from; now <= to; now += ms) run?.(now);
  } };
}

it("shows every frame in order at the plate's rate", () => {
  const player = newPlayer();
  player.getState().open(1001, 1100);
  const { shown, speeds, paint } = painted(player);
  player.getState().play(1);
  paint(1000, 2050, 1000 / 60);
  expect(shown.slice(0, 3)).toEqual([1002, 1003, 1004]);
  expect(shown.length).toBeGreaterThanOrEqual(23);
  expect(shown.length).toBeLessThanOrEqual(25);
  expect(speeds[0]).toBeCloseTo(24, -1);
});

it("waits for a picture instead of leaving it out", () => {
  const player = newPlayer();
  player.getState().open(1, 10);
  let there = false;
  const { shown, paint } = painted(player, (frame) => frame !== 3 || there);
  player.getState().play(1);
  paint(1000, 2000, 20);
  expect(shown).toEqual([2]);
  there = true;
  paint(2020, 2080, 20);
  expect(shown.slice(0, 2)).toEqual([2, 3]);
});

it("does nothing while nothing is played", () => {
  const player = newPlayer();
  player.getState().open(1, 10);
  const { shown, paint } = painted(player);
  paint(0, 1000, 20);
  expect(shown).toEqual([]);
});
