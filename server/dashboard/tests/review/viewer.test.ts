import { expect, it } from "vitest";
import { fit, toPlate, zoomed } from "../../src/review/Viewer";

it("a plate fits in its room, in the middle", () => {
  expect(fit(1920, 1080, { width: 960, height: 600 })).toEqual({ scale: 0.5, x: 0, y: 30 });
});

it("what is under the pointer stays there", () => {
  const place = { scale: 0.5, x: 10, y: 20 };
  const at = { x: 300, y: 200 };
  const nearer = zoomed(place, 2, at);
  expect(nearer.scale).toBe(1);
  expect(toPlate(at, nearer, 1)).toEqual(toPlate(at, place, 1));
});

it("a stretched plate is told in its own pixels", () => {
  expect(toPlate({ x: 200, y: 100 }, { scale: 1, x: 0, y: 0 }, 2)).toEqual({ x: 100, y: 100 });
});
