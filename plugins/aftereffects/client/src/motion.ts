/** A layer's transform, undone: `p' = pivot + scale * R(rotate) * (p - pivot) + (tx, ty)`. */

import type { Point } from "./document";
import { isObject, RotoError } from "./errors";

interface Pose {
  frame: number;
  tx: number;
  ty: number;
  rotate: number;
  scale: number;
}

/** Points in plate pixels on `frame` as they are in the space of a layer with this transform. */
export function intoLayer(transform: unknown, frame: number, points: readonly Point[]): Point[] {
  if (!isObject(transform)) {
    return [...points];
  }
  const [px, py] = transform["pivot"] as [number, number];
  const { tx, ty, rotate, scale } = poseAt(transform["keys"] as Pose[], frame);
  if (!(Math.abs(scale) > 1e-9)) {
    throw new RotoError(`The layer has no size on frame ${frame}, so nothing can be drawn in it.`, {
      kind: "input",
      hint: "Correct a frame on which it can be seen.",
    });
  }
  // Clockwise on screen, y down: forwards it is x cos - y sin, x sin + y cos.
  const [sin, cos] = [Math.sin((rotate * Math.PI) / 180), Math.cos((rotate * Math.PI) / 180)];
  const back = (x: number, y: number): [number, number] => [
    (x * cos + y * sin) / scale,
    (y * cos - x * sin) / scale,
  ];
  return points.map(([x, y, inX, inY, outX, outY, corner]) => {
    const [ownX, ownY] = back(x - px - tx, y - py - ty);
    return [ownX + px, ownY + py, ...back(inX, inY), ...back(outX, outY), corner];
  });
}

/** Linear between keys, held before the first and after the last. */
function poseAt(keys: readonly Pose[], frame: number): Pose {
  const after = keys.find((key) => key.frame > frame);
  const before = [...keys].reverse().find((key) => key.frame <= frame);
  const [from, to] = [before ?? after!, after ?? before!];
  const share = from === to ? 0 : (frame - from.frame) / (to.frame - from.frame);
  const between = (one: number, other: number): number => one + share * (other - one);
  return {
    frame,
    tx: between(from.tx, to.tx),
    ty: between(from.ty, to.ty),
    rotate: between(from.rotate, to.rotate),
    scale: between(from.scale, to.scale),
  };
}
