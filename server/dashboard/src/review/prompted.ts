/** What a prompt shows an object by, as it is drawn. Plate pixels. */

import { bytesOf } from "../ui/bytes";
import { type ControlPoint, outlineAt, pathOf } from "./documents";

export interface Click {
  x: number;
  y: number;
  positive: boolean;
}

/** A closed curve of a host's that shows where the object is: values of a key's point of roto/1. */
export interface Curve {
  kind?: "bezier" | "bspline";
  mode?: "add" | "subtract";
  closed?: true;
  points: (number | boolean)[][];
}

/** As SVG and Konva write paths. */
export function curvePath({ kind = "bezier", points }: Curve): string {
  const shape = { id: "", name: "", kind, keys: [{ frame: 0, points: points.map(controlOf) }] };
  return pathOf(outlineAt({ id: "", name: "", shapes: [] }, shape, 0) ?? [], true);
}

function controlOf(values: (number | boolean)[]): ControlPoint {
  const numbers = values.filter((one) => typeof one === "number");
  const at = (index: number) => numbers[index] ?? 0;
  return [at(0), at(1), at(2), at(3), at(4), at(5), values.includes(true)];
}

/** A mask, which prompts hold as base64. */
export function pngOf(text: string): Blob {
  return new Blob([bytesOf(text)], { type: "image/png" });
}
