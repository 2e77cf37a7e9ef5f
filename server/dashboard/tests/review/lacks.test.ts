import { expect, it } from "vitest";
import { Problem } from "../../src/api/problem";
import { toldOf } from "../../src/review/lacks";
import { NOT_MADE } from "../../src/review/made";

const gone = new Problem(404, { message: "There is no such file." });
const lost = Problem.unreachable(true);

it("nothing is told of a frame that is all there", () => {
  expect(toldOf([], 1001, "tint")).toBeNull();
});

it("a server that cannot be reached comes before all else, and needs nobody", () => {
  const told = toldOf([{ object: "hero", why: gone }, { object: null, why: lost }], 1003, "tint");
  expect(told?.text).toBe("The server cannot be reached. Frame 1003 is asked for again by itself.");
  expect(told?.again).toBe(false);
});

it("a plate's picture that is gone is told where it would be seen", () => {
  const lacks = [{ object: null, why: gone }];
  expect(toldOf(lacks, 1003, "cutout")?.text).toContain("no picture of frame 1003 of the plate");
  expect(toldOf(lacks, 1003, "matte")).toBeNull();
});

const lacking = (version: number, lives: boolean, ...names: string[]) =>
  names.map((object) => ({ object, why: gone, version, lives }));

it("a matte is not there yet, or not at all", () => {
  const never = lacking(2, false, "hero", "dog", "hero");
  expect(toldOf(lacking(2, true, "hero", "dog", "hero"), 7, "tint")).toEqual({
    text: "Frame 7 is not tracked yet: hero, dog.",
    again: false,
  });
  expect(toldOf(never, 7, "outline")).toEqual({ text: "v2 has no matte of hero, dog on frame 7.", again: true });
  expect(toldOf(never, 7, "plate")).toBeNull();
});

it("which of two versions has none is said", () => {
  expect(toldOf([...lacking(2, true, "hero"), ...lacking(1, false, "dog")], 7, "tint")?.text).toBe("v1 has no matte of dog on frame 7.");
});

it("what was not asked for, for it cannot be there, is not to be tried again", () => {
  expect(toldOf([{ object: "hero", why: NOT_MADE, version: 2, lives: false }], 7, "tint")?.again).toBe(false);
});
