import { expect, it } from "vitest";
import { colorOf } from "../../src/review/colors";
import { toGrey, WEIGHTS } from "../../src/review/compose";
import { aligned } from "../../src/ui/strip";

it("an object nobody chose a colour for is not white", () => {
  expect(colorOf([1, 0.5, 0], 0)).toBe("#ff8000");
  expect(colorOf([1, 1, 1], 0)).toBe(colorOf(null, 0));
  expect(colorOf(null, 0)).not.toBe(colorOf(null, 1));
});

it("a version of a part of the plate stands where that part is", () => {
  expect(aligned([0.5, 0.6], 1003, 1001, 1006)).toEqual([null, null, 0.5, 0.6, null, null]);
  expect(aligned([0.5, 0.6], 999, 1000, 1001)).toEqual([0.6, null]);
});

it("a channel is shown as grey, its alpha as it was", () => {
  const shown = (channel: "red" | "luminance") => {
    const data = new Uint8ClampedArray([200, 100, 0, 255, 10, 20, 30, 40]);
    toGrey(data, WEIGHTS[channel]);
    return [...data];
  };
  expect(shown("red")).toEqual([200, 200, 200, 255, 10, 10, 10, 40]);
  expect(shown("luminance")).toEqual([114, 114, 114, 255, 19, 19, 19, 40]);
});
