/** Boxes, and the points of outlines under somebody's hand. Plate pixels, y down. */

import type { ControlPoint, Outline } from "../review/documents";
import type { PlatePoint } from "../review/Viewer";
import type { Box, Size } from "./model";

export function inside({ x, y }: PlatePoint, { width, height }: Size): PlatePoint {
  return { x: Math.min(Math.max(x, 0), width), y: Math.min(Math.max(y, 0), height) };
}

/** Between two corners, whichever they are; null for one without an area. */
export function boxBetween(a: PlatePoint, b: PlatePoint, least = 1): Box | null {
  const box: Box = [Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y)];
  return box[2] - box[0] < least || box[3] - box[1] < least ? null : box;
}

export type Part = "point" | "in" | "out";

export interface Grip {
  layer: string;
  shape: string;
  index: number;
  part: Part;
}

/** What of the outlines lies within `reach` of `at`: tangents of the point picked before, then points. */
export function gripAt(
  outlines: readonly Outline[],
  at: PlatePoint,
  reach: number,
  picked: Grip | null,
): Grip | null {
  const known = picked && outlines.find((one) => one.layer === picked.layer && one.shape === picked.shape);
  const point = known?.points[picked?.index ?? -1];
  if (point && picked) {
    for (const part of ["in", "out"] as const) {
      const end = placeOf(point, part);
      const has = end.x !== point[0] || end.y !== point[1];
      if (has && distance(end, at) <= reach) return { ...picked, part };
    }
  }
  let nearest: Grip | null = null;
  let least = reach;
  for (const { layer, shape, points } of outlines) {
    points.forEach((each, index) => {
      const far = distance(placeOf(each, "point"), at);
      if (far <= least) {
        least = far;
        nearest = { layer, shape, index, part: "point" };
      }
    });
  }
  return nearest;
}

export function placeOf(point: ControlPoint, part: Part): PlatePoint {
  const [x, y, inX, inY, outX, outY] = point;
  if (part === "in") return { x: x + inX, y: y + inY };
  return part === "out" ? { x: x + outX, y: y + outY } : { x, y };
}

/**
 * The outline with what is held brought to `to`. A point takes its tangents along; a tangent turns
 * the other one, unless the point is a corner or `isBroken` makes it one.
 */
export function dragged(
  points: readonly ControlPoint[],
  { index, part }: Grip,
  to: PlatePoint,
  isBroken = false,
): ControlPoint[] {
  return points.map((point, at) => (at === index ? draggedPoint(point, part, to, isBroken) : point));
}

function draggedPoint(point: ControlPoint, part: Part, to: PlatePoint, isBroken: boolean): ControlPoint {
  const [x, y, inX, inY, outX, outY, corner] = point;
  if (part === "point") return [to.x, to.y, inX, inY, outX, outY, corner];
  const [dx, dy] = [to.x - x, to.y - y];
  const isCorner = corner || isBroken;
  if (part === "in") {
    const [ox, oy] = isCorner ? [outX, outY] : opposite(dx, dy, Math.hypot(outX, outY));
    return [x, y, dx, dy, ox, oy, isCorner];
  }
  const [ix, iy] = isCorner ? [inX, inY] : opposite(dx, dy, Math.hypot(inX, inY));
  return [x, y, ix, iy, dx, dy, isCorner];
}

function opposite(dx: number, dy: number, length: number): [number, number] {
  const own = Math.hypot(dx, dy);
  return own === 0 ? [0, 0] : [(-dx / own) * length, (-dy / own) * length];
}

function distance(a: PlatePoint, b: PlatePoint): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
