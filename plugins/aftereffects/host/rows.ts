/** Rows of the farm's mask data (plate pixels) and After Effects' shapes (pixels of the source). */

import type { MaskData, MaskHead } from "../contract/host";
import * as ae from "./ae";
import { problem } from "./problem";

/** Pixels of the source in one plate pixel. */
export interface Scale {
  x: number;
  y: number;
}

/** How masks of `head`'s plate fit a layer's source. Throws when they are of another picture. */
export function scaleFor(head: MaskHead, width: number, height: number): Scale {
  const scale = { x: width / head.width, y: height / head.height };
  if (Math.abs(scale.x / scale.y - 1) > 0.01) {
    throw problem(
      "size_mismatch",
      "The masks are of a plate of " +
        head.width +
        " x " +
        head.height +
        " pixels, the layer shows one of " +
        width +
        " x " +
        height +
        ".",
      "Select the layer of the plate the job was sent with."
    );
  }
  return scale;
}

export function shapeOf(row: number[], closed: boolean, scale: Scale): Shape {
  const vertices: [number, number][] = [];
  const into: [number, number][] = [];
  const out: [number, number][] = [];
  for (let i = 0; i < row.length; i += 6) {
    vertices.push([row[i] * scale.x, row[i + 1] * scale.y]);
    into.push([row[i + 2] * scale.x, row[i + 3] * scale.y]);
    out.push([row[i + 4] * scale.x, row[i + 5] * scale.y]);
  }
  const shape = ae.newShape();
  shape.vertices = vertices;
  shape.inTangents = into;
  shape.outTangents = out;
  shape.closed = closed;
  return shape;
}

export function rowOf(shape: Shape, scale: Scale): number[] {
  const vertices = shape.vertices;
  const into = shape.inTangents;
  const out = shape.outTangents;
  const row: number[] = [];
  for (let i = 0; i < vertices.length; i++) {
    row.push(vertices[i][0] / scale.x, vertices[i][1] / scale.y);
    row.push(into[i][0] / scale.x, into[i][1] / scale.y);
    row.push(out[i][0] / scale.x, out[i][1] / scale.y);
  }
  return row;
}

/** Throws unless a mask's lists belong together, before anything is drawn. */
export function checkMask(mask: MaskData): void {
  const keys = mask.frames.length;
  let fits = keys > 0 && mask.points.length === keys;
  for (let i = 0; fits && i < keys; i++) {
    const row = mask.points[i];
    fits =
      row.length > 0 && row.length % 6 === 0 && (i === 0 || mask.frames[i] > mask.frames[i - 1]);
  }
  if (!fits) {
    throw problem(
      "bad_data",
      'The mask "' + mask.name + '" is not as the farm writes masks.',
      "Fetch the result again."
    );
  }
}
