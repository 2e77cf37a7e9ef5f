/** The `roto/1` document as the player reads it, and what it looks like on a frame. */

/** x, y, in_dx, in_dy, out_dx, out_dy (handles as offsets, plate pixels), corner. */
export type ControlPoint = readonly [number, number, number, number, number, number, boolean];

export interface Key {
  frame: number;
  points: ControlPoint[];
  interpolation?: "linear" | "hold";
  origin?: string;
  locked?: boolean;
}

export interface Shape {
  id: string;
  name: string;
  kind?: "bezier" | "bspline";
  closed?: boolean;
  visible?: [number, number][];
  keys: Key[];
}

export interface TransformKey {
  frame: number;
  tx?: number;
  ty?: number;
  rotate?: number;
  scale?: number;
}

export interface Layer {
  id: string;
  name: string;
  transform?: { pivot: [number, number]; keys: TransformKey[] } | null;
  shapes: Shape[];
}

export interface RotoDocument {
  layers: Layer[];
}

export interface Outline {
  /** The object's name, and the shape's. */
  layer: string;
  shape: string;
  closed: boolean;
  points: ControlPoint[];
  /** Whether the frame is one of the shape's keys. */
  isKey: boolean;
}

/** Every shape that is visible on `frame`, as Beziers in plate pixels. */
export function outlinesAt(document: RotoDocument, frame: number): Outline[] {
  return document.layers.flatMap((layer) =>
    layer.shapes.flatMap((shape) => {
      const points = outlineAt(layer, shape, frame);
      if (!points) return [];
      const isKey = shape.keys.some((key) => key.frame === frame);
      return [{ layer: layer.name, shape: shape.id, closed: shape.closed ?? true, points, isKey }];
    }),
  );
}

/** The Bezier points of a shape in plate pixels; null where it is not visible. */
export function outlineAt(layer: Layer, shape: Shape, frame: number): ControlPoint[] | null {
  if (!isVisible(shape, frame)) return null;
  const own = pointsAt(shape.keys, frame);
  const bezier = shape.kind === "bspline" ? toBezier(own, shape.closed ?? true) : own;
  return layer.transform ? transformed(bezier, layer.transform, frame) : bezier;
}

/** The outline as SVG and Konva write paths. */
export function pathOf(points: readonly ControlPoint[], closed: boolean): string {
  const [first] = points;
  if (!first) return "";
  const ends = closed ? [...points.slice(1), first] : points.slice(1);
  const curves = ends.map((end, index) => {
    const start = points[index] as ControlPoint;
    const out = [start[0] + start[4], start[1] + start[5]];
    return `C${[...out, end[0] + end[2], end[1] + end[3], end[0], end[1]].join(" ")}`;
  });
  return `M${first[0]} ${first[1]}${curves.join("")}${closed ? "Z" : ""}`;
}

function isVisible({ visible }: Shape, frame: number): boolean {
  return !visible?.length || visible.some(([first, last]) => first <= frame && frame <= last);
}

/** Linear between two keys, or held; the first before all, the last after all. */
function pointsAt(keys: readonly Key[], frame: number): ControlPoint[] {
  const { before, after, share } = around(keys, frame);
  if (share === 0 || before.interpolation === "hold") return before.points;
  return before.points.map((from, index) => {
    const to = after.points[index] ?? from;
    const at = (part: 0 | 1 | 2 | 3 | 4 | 5) => from[part] + share * (to[part] - from[part]);
    return [at(0), at(1), at(2), at(3), at(4), at(5), from[6]];
  });
}

/** `p' = pivot + scale * R(rotate) * (p - pivot) + (tx, ty)`, clockwise on screen. */
function transformed(
  points: readonly ControlPoint[],
  { pivot, keys }: NonNullable<Layer["transform"]>,
  frame: number,
): ControlPoint[] {
  const { before, after, share } = around(keys, frame);
  const value = (name: "tx" | "ty" | "rotate" | "scale", unset: number) => {
    const [from, to] = [before[name] ?? unset, after[name] ?? unset];
    return from + share * (to - from);
  };
  const angle = (value("rotate", 0) * Math.PI) / 180;
  const [c, s] = [value("scale", 1) * Math.cos(angle), value("scale", 1) * Math.sin(angle)];
  const dx = pivot[0] + value("tx", 0) - c * pivot[0] + s * pivot[1];
  const dy = pivot[1] + value("ty", 0) - s * pivot[0] - c * pivot[1];
  return points.map(([x, y, ix, iy, ox, oy, corner]) => [
    c * x - s * y + dx,
    s * x + c * y + dy,
    c * ix - s * iy,
    s * ix + c * iy,
    c * ox - s * oy,
    s * ox + c * oy,
    corner,
  ]);
}

/** The Bezier that is the same curve as a uniform cubic B-spline; a vertex given thrice is sharp. */
function toBezier(points: readonly ControlPoint[], closed: boolean): ControlPoint[] {
  const last = points.length - 1;
  const vertices = points.flatMap((point, index) => {
    const isSharp = point[6] || (!closed && (index === 0 || index === last));
    return isSharp ? [point, point, point] : [point];
  });
  const nodes = vertices.map((vertex, index) => {
    const before = vertices.at(index - 1) ?? vertex;
    const after = vertices[(index + 1) % vertices.length] ?? vertex;
    return node(before, vertex, after);
  });
  return closed ? nodes : nodes.slice(1, -1);
}

function node(before: ControlPoint, vertex: ControlPoint, after: ControlPoint): ControlPoint {
  const x = (before[0] + 4 * vertex[0] + after[0]) / 6;
  const y = (before[1] + 4 * vertex[1] + after[1]) / 6;
  return [
    x,
    y,
    (2 * vertex[0] + before[0]) / 3 - x,
    (2 * vertex[1] + before[1]) / 3 - y,
    (2 * vertex[0] + after[0]) / 3 - x,
    (2 * vertex[1] + after[1]) / 3 - y,
    vertex[6] && x === vertex[0] && y === vertex[1],
  ];
}

/** The keys around `frame` (there is one at least), and how far between them it lies, 0 to 1. */
function around<K extends { frame: number }>(
  keys: readonly K[],
  frame: number,
): { before: K; after: K; share: number } {
  const found = keys.findIndex((key) => key.frame > frame);
  const next = found < 0 ? keys.length : found;
  const before = keys[Math.max(next - 1, 0)] as K;
  const after = keys[Math.min(next, keys.length - 1)] as K;
  const inside = before.frame <= frame && before !== after;
  return { before, after, share: inside ? (frame - before.frame) / (after.frame - before.frame) : 0 };
}
