import { expect, it } from "vitest";
import { everyOne, extended, moved, NOTHING, only, type Selection, toggled } from "../../src/jobs/selecting";

const ids = ["a", "b", "c", "d", "e"];
const told = ({ at, selected }: Selection) => [at, [...selected].sort().join("")];

it("a click selects one and no other", () => {
  expect(told(only(ids, 2))).toEqual([2, "c"]);
});

it("with Ctrl one more, or one less", () => {
  const two = toggled(only(ids, 0), ids, 2);
  expect(told(two)).toEqual([2, "ac"]);
  expect(told(toggled(two, ids, 0))).toEqual([0, "c"]);
});

it("with Shift all between, from where the range began, both ways", () => {
  const down = extended(only(ids, 1), ids, 3);
  expect(told(down)).toEqual([3, "bcd"]);
  expect(told(extended(down, ids, 0))).toEqual([0, "ab"]);
  expect(told(extended(NOTHING, ids, 2))).toEqual([2, "c"]);
});

it("moving stays in the list and selects nothing", () => {
  expect(told(moved(NOTHING, ids, 1))).toEqual([0, ""]);
  expect(told(moved(only(ids, 4), ids, 1))).toEqual([4, "e"]);
  expect(told(moved(only(ids, 1), ids, -9))).toEqual([0, "b"]);
  expect(moved(NOTHING, [], 1)).toBe(NOTHING);
});

it("all, and none where there is no row", () => {
  expect(told(everyOne(NOTHING, ids))).toEqual([-1, "abcde"]);
  expect(toggled(NOTHING, ids, -1)).toBe(NOTHING);
});
