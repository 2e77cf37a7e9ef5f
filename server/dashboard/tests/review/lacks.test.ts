import { expect, it } from "vitest";
import { Problem } from "../../src/api/problem";
import { toldOf } from "../../src/review/lacks";

const gone = new Problem(404, { message: "There is no such file." });
const lost = Problem.unreachable(true);

it("nothing is told of a frame that is all there", () => {
  expect(toldOf([], 1001, "tint", false)).toBeNull();
});

it("a server that cannot be reached comes before all else, and needs nobody", () => {
  const told = toldOf([{ object: "hero", why: gone }, { object: null, why: lost }], 1003, "tint", false);
  expect(told?.text).toBe("The server cannot be reached. Frame 1003 is asked for again by itself.");
  expect(told?.again).toBe(false);
});

it("a plate's picture that is gone is told where it would be seen", () => {
  const lacks = [{ object: null, why: gone }];
  expect(toldOf(lacks, 1003, "cutout", false)?.text).toContain("no picture of frame 1003 of the plate");
  expect(toldOf(lacks, 1003, "matte", false)).toBeNull();
});

it("a matte is not there yet, or not at all", () => {
  const lacks = ["hero", "dog", "hero"].map((object) => ({ object, why: gone }));
  expect(toldOf(lacks, 7, "tint", true)).toEqual({ text: "Frame 7 is not tracked yet: hero, dog.", again: false });
  expect(toldOf(lacks, 7, "outline", false)).toEqual({
    text: "This version has no matte of hero, dog on frame 7.",
    again: true,
  });
  expect(toldOf(lacks, 7, "plate", false)).toBeNull();
});
