/** A version's shapes with what hands have moved: keys of the artist's, all others as they were. */

import {
  type ControlPoint,
  type Key,
  type Layer,
  outlineAt,
  type RotoDocument,
  type Shape,
} from "../review/documents";
import { type Moved, outlineId } from "./model";

export function correctedDocument(document: RotoDocument, moved: Moved): RotoDocument {
  if (!Object.keys(moved).length) return document;
  return { ...document, layers: document.layers.map((layer) => correctedLayer(layer, moved)) };
}

export function correctedLayer(layer: Layer, moved: Moved): Layer {
  const shapes = layer.shapes.map((shape) => {
    const own = moved[outlineId(layer.name, shape.id)];
    return own ? correctedShape(layer, shape, own) : shape;
  });
  return { ...layer, shapes };
}

function correctedShape(layer: Layer, shape: Shape, moved: Record<number, ControlPoint[]>): Shape {
  const keys = new Map(asBezier(layer, shape).map((key) => [key.frame, key]));
  for (const [frame, points] of Object.entries(moved)) keys.set(Number(frame), handKey(layer, Number(frame), points));
  const ordered = [...keys.values()].sort((a, b) => a.frame - b.frame);
  return { ...shape, kind: "bezier", keys: ordered };
}

function handKey(layer: Layer, frame: number, points: ControlPoint[]): Key {
  const own = intoLayer(layer, frame, points);
  return { frame, points: own, origin: "artist", locked: false, interpolation: "linear" };
}

/** A B-spline's keys as the Beziers that they draw; a hand moves those. */
function asBezier(layer: Layer, shape: Shape): readonly Key[] {
  if (shape.kind !== "bspline") return shape.keys;
  const alone = { ...layer, transform: null };
  const always = { ...shape, visible: [] };
  return shape.keys.map((key) => ({ ...key, points: outlineAt(alone, always, key.frame) ?? key.points }));
}

/** Points in plate pixels as they are in the space of the layer on `frame`. */
export function intoLayer(layer: Layer, frame: number, points: readonly ControlPoint[]): ControlPoint[] {
  if (!layer.transform) return [...points];
  // Where the transform brings the origin and the two unit vectors is all there is to know of it.
  const probe: ControlPoint[] = [
    [0, 0, 1, 0, 0, 1, true],
    [0, 0, 0, 0, 0, 0, true],
    [0, 0, 0, 0, 0, 0, true],
  ];
  const shape: Shape = { id: "probe", name: "probe", keys: [{ frame, points: probe }] };
  const [found] = outlineAt(layer, shape, frame) ?? [];
  const [tx, ty, a, b, c, d] = found ?? [0, 0, 1, 0, 0, 1];
  const area = a * d - b * c;
  const back = (x: number, y: number): [number, number] => [(d * x - c * y) / area, (a * y - b * x) / area];
  return points.map(([x, y, inX, inY, outX, outY, corner]) => [
    ...back(x - tx, y - ty),
    ...back(inX, inY),
    ...back(outX, outY),
    corner,
  ]);
}
