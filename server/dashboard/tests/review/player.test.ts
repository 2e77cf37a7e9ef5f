import { describe, expect, it } from "vitest";
import { newPlayer, nextMark, wrapped } from "../../src/review/player";

describe("the player", () => {
  it("opens on the plate's own frame numbers, all of them looped", () => {
    const player = newPlayer();
    player.getState().open(1001, 1096, 1044);
    expect(player.getState()).toMatchObject({ at: 1044, loop: [1001, 1096], direction: 0 });
    player.getState().open(1001, 1096, 9999);
    expect(player.getState().at).toBe(1096);
  });

  it("steps over the ends of its loop and stops playing", () => {
    const player = newPlayer();
    player.getState().open(1001, 1010);
    player.getState().play(1);
    player.getState().step(-1);
    expect(player.getState()).toMatchObject({ at: 1010, direction: 0 });
  });

  it("goes on where it was going", () => {
    const player = newPlayer();
    player.getState().play(-1);
    player.getState().toggle();
    expect(player.getState().direction).toBe(0);
    player.getState().toggle();
    expect(player.getState().direction).toBe(-1);
    player.getState().turn();
    expect(player.getState().direction).toBe(1);
  });

  it("keeps in before out", () => {
    const player = newPlayer();
    player.getState().open(1, 100, 80);
    player.getState().setIn();
    player.getState().go(20);
    player.getState().setOut();
    expect(player.getState().loop).toEqual([20, 20]);
    player.getState().resetLoop();
    expect(player.getState().loop).toEqual([1, 100]);
  });

  it("hides objects one by one, and shows the next overlay", () => {
    const player = newPlayer();
    player.getState().toggleObject("hero");
    expect([...player.getState().hidden]).toEqual(["hero"]);
    player.getState().toggleObject("hero");
    expect([...player.getState().hidden]).toEqual([]);
    player.getState().cycleOverlay();
    expect(player.getState().overlay).toBe("outline");
  });

  it.each([
    [1005, 1, 1006],
    [1010, 1, 1001],
    [1001, -1, 1010],
    [1003, -25, 1008],
    [990, 1, 1001],
    [2000, -1, 1010],
  ])("from %i by %i it comes to %i", (at, by, to) => {
    expect(wrapped(at, by, [1001, 1010])).toBe(to);
  });

  it("finds the marks around it", () => {
    expect(nextMark([3, 7, 9], 7, 1)).toBe(9);
    expect(nextMark([3, 7, 9], 7, -1)).toBe(3);
    expect(nextMark([3, 7, 9], 9, 1)).toBe(9);
  });
});
