/** Against what `roto_shapes` makes of the same document: tests/shapes/goldens. */

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Layer, outlineAt, outlinesAt, pathOf, type RotoDocument, type Shape } from "../../src/review/documents";

const GOLDENS = new URL("../../../../tests/shapes/goldens/", `file://${import.meta.filename}`);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, GOLDENS), "utf8")) as unknown;

const RICH = read("rich.json") as RotoDocument;
const DUE = read("rich.outlines.json") as Record<string, Record<string, number[][]>>;

describe("a document on a frame", () => {
  it.each(Object.keys(DUE))("is what roto_shapes says on frame %s", (frame) => {
    const found = outlinesAt(RICH, Number(frame));
    const due = DUE[frame] ?? {};
    expect(found.map(({ shape }) => shape).sort()).toEqual(Object.keys(due).sort());
    for (const { shape, points } of found) {
      const wanted = due[shape] ?? [];
      expect(points).toHaveLength(wanted.length);
      points.forEach((point, index) =>
        wanted[index]?.forEach((value, part) => expect(point[part]).toBeCloseTo(value, 4)),
      );
    }
  });

  it("says where its keys are", () => {
    const keyed = (frame: number) => outlinesAt(RICH, frame).find(({ shape }) => shape === "s1")?.isKey;
    expect([keyed(1001), keyed(1006), keyed(1012)]).toEqual([true, false, true]);
  });
});

const CORNERS = [[0, 0], [10, 0], [10, 10], [0, 10]] as const;

function square(by: number): Shape["keys"][number]["points"] {
  return CORNERS.map(([x, y]) => [x + by, y, 0, 0, 0, 0, true]);
}

describe("a shape with the fewest words", () => {
  const shape: Shape = {
    id: "a",
    name: "a",
    keys: [
      { frame: 1001, points: square(0), interpolation: "hold" },
      { frame: 1011, points: square(10) },
      { frame: 1021, points: square(20) },
    ],
  };
  const layer: Layer = { id: "l", name: "hero", shapes: [shape] };

  it("holds, and moves linearly", () => {
    const left = (frame: number) => outlineAt(layer, shape, frame)?.[0]?.[0];
    expect([1000, 1001, 1010, 1011, 1016, 1021, 1030].map(left)).toEqual([0, 0, 0, 10, 15, 20, 20]);
  });

  it("goes where its layer goes", () => {
    const moved: Layer = {
      ...layer,
      transform: { pivot: [5, 5], keys: [{ frame: 1001, tx: 1, rotate: 90, scale: 2 }] },
    };
    const [first] = outlineAt(moved, shape, 1001) ?? [];
    expect(first?.[0]).toBeCloseTo(16);
    expect(first?.[1]).toBeCloseTo(-5);
  });

  it("is closed as a path, or open", () => {
    const points = square(0).slice(0, 2);
    expect(pathOf(points, false)).toBe("M0 0C0 0 10 0 10 0");
    expect(pathOf(points, true)).toBe("M0 0C0 0 10 0 10 0C10 0 0 0 0 0Z");
    expect(pathOf([], true)).toBe("");
  });
});
