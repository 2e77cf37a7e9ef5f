import { expect, it } from "vitest";
import { askedOf, mayBeThere } from "../../src/review/made";

const tracks = { corrects: false, lives: true };

it("a frame can be there once as many steps were done as it is away from what was said of the object", () => {
  const there = (frame: number, done: number) => mayBeThere(tracks, [1010, 1040], frame, done);
  expect([there(1010, 0), there(1010, 1)]).toEqual([false, true]);
  expect([there(1015, 5), there(1015, 6), there(1005, 6), there(1038, 3)]).toEqual([false, true, true, true]);
  expect(there(1200, Infinity)).toBe(true);
});

it("a correction begins with the mattes that stay", () => {
  expect(mayBeThere({ ...tracks, corrects: true }, [1010], 1050, 0)).toBe(true);
});

it("nothing is asked for past what has not come, but for the frame to play on to", () => {
  const frames = [["a1", "b1"], ["a2", "b2"], ["a3"], ["a4"]];
  const asked = (...kept: string[]) => askedOf(frames, (address) => kept.includes(address));
  expect(asked()).toEqual(["a1", "b1", "a2", "b2"]);
  expect(asked("a1", "b1")).toEqual(["a1", "b1", "a2", "b2", "a3"]);
  expect(asked("a1", "b1", "a2", "b2", "a3", "a4")).toHaveLength(6);
  // Frames that cannot be there have no addresses, and end nothing.
  expect(askedOf([["a1"], [], [], ["a4"], ["a5"]], () => false)).toEqual(["a1", "a4"]);
});
