import { expect, it } from "vitest";
import { alphaOf, boxOf, edgeOf, type Rgba } from "../../src/review/mattes";

function grey(rows: number[][]): Rgba {
  const width = rows[0]?.length ?? 0;
  const data = new Uint8ClampedArray(rows.flat().flatMap((value) => [value, value, value, 255]));
  return { width, height: rows.length, data };
}

function alphas({ data, width }: Rgba): number[][] {
  const all = [...data].filter((_, index) => index % 4 === 3);
  return Array.from({ length: all.length / width }, (_, row) => all.slice(row * width, (row + 1) * width));
}

it("a matte's grey is its alpha", () => {
  expect(alphas(alphaOf(grey([[0, 100], [255, 7]])))).toEqual([[0, 100], [255, 7]]);
});

it("its edge is inside, and none along the picture's border", () => {
  const matte = grey([
    [255, 255, 255, 0],
    [255, 255, 255, 0],
    [255, 255, 255, 127],
    [0, 0, 128, 0],
  ]);
  expect(alphas(edgeOf(matte))).toEqual([
    [0, 0, 255, 0],
    [0, 0, 255, 0],
    [255, 255, 255, 0],
    [0, 0, 255, 0],
  ]);
});

it("its box holds all that is not black and a pixel more, within the picture", () => {
  const black = [0, 0, 0, 0, 0];
  expect(boxOf(grey([black, black, [0, 0, 0, 1, 0], black, black]))).toEqual({ x: 2, y: 1, width: 3, height: 3 });
  expect(boxOf(grey([[9, 0, 0, 0, 0], black, black, [0, 0, 9, 0, 0]]))).toEqual({ x: 0, y: 0, width: 4, height: 4 });
  expect(boxOf(grey([black]))).toBeNull();
});
