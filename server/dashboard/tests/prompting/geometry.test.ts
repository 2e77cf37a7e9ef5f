import { expect, it } from "vitest";
import { boxBetween, dragged, gripAt, inside } from "../../src/prompting/geometry";
import type { ControlPoint, Outline } from "../../src/review/documents";

const smooth: ControlPoint = [100, 100, -10, 0, 20, 0, false];
const corner: ControlPoint = [200, 100, -10, 0, 0, 10, true];
const outline: Outline = { layer: "hero", shape: "s", closed: true, points: [smooth, corner], isKey: true };
const grip = (index: number, part: "point" | "in" | "out") => ({ layer: "hero", shape: "s", index, part });

it("a box is drawn from any corner, and has an area", () => {
  expect(boxBetween({ x: 9, y: 2 }, { x: 1, y: 8 })).toEqual([1, 2, 9, 8]);
  expect(boxBetween({ x: 9, y: 2 }, { x: 9.2, y: 8 })).toBeNull();
});

it("what lies outside of the plate is brought to its edge", () => {
  expect(inside({ x: -4, y: 50 }, { width: 64, height: 36 })).toEqual({ x: 0, y: 36 });
});

it("the nearest point is held, tangents only of the picked one", () => {
  expect(gripAt([outline], { x: 102, y: 101 }, 5, null)).toEqual(grip(0, "point"));
  expect(gripAt([outline], { x: 119, y: 100 }, 5, null)).toBeNull();
  expect(gripAt([outline], { x: 119, y: 100 }, 5, grip(0, "point"))).toEqual(grip(0, "out"));
});

it("a point takes its tangents along", () => {
  expect(dragged([smooth, corner], grip(0, "point"), { x: 130, y: 90 })).toEqual([
    [130, 90, -10, 0, 20, 0, false],
    corner,
  ]);
});

it("a tangent turns the other one, which keeps its length", () => {
  const [turned] = dragged([smooth], grip(0, "out"), { x: 100, y: 130 });
  expect(turned?.map(Number)).toEqual([100, 100, -0, -10, 0, 30, 0]);
});

it("of a corner, and with Alt, only the one moves", () => {
  expect(dragged([smooth, corner], grip(1, "in"), { x: 180, y: 90 })[1]).toEqual([200, 100, -20, -10, 0, 10, true]);
  expect(dragged([smooth], grip(0, "in"), { x: 90, y: 90 }, true)[0]).toEqual([100, 100, -10, -10, 20, 0, true]);
});
