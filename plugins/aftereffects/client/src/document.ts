/** The `roto/1` document as JSON, as far as the client reads it; unknown fields go through. */

/** x, y, in_dx, in_dy, out_dx, out_dy (handles as offsets), corner. */
export type Point = [number, number, number, number, number, number, boolean];

export interface DocumentKey {
  frame: number;
  points: Point[];
  origin: "solved" | "artist";
  locked: boolean;
  interpolation: "linear" | "hold";
  [more: string]: unknown;
}

export interface ValueKey {
  frame: number;
  value: number;
  interpolation: "linear" | "hold";
  [more: string]: unknown;
}

export interface DocumentShape {
  id: string;
  name: string;
  kind: "bezier" | "bspline";
  closed: boolean;
  mode: "add" | "subtract";
  inverted: boolean;
  visible: [number, number][];
  /** 0..1 */
  opacity: number | ValueKey[];
  /** Pixels outwards, one number or one per point. */
  feather: number | number[];
  motion_blur: boolean;
  color: number[] | null;
  keys: DocumentKey[];
  [more: string]: unknown;
}

export interface DocumentLayer {
  id: string;
  name: string;
  color: number[];
  transform: unknown;
  shapes: DocumentShape[];
  [more: string]: unknown;
}

export interface RotoDocument {
  schema: string;
  width: number;
  height: number;
  fps: [number, number];
  frame_range: [number, number];
  layers: DocumentLayer[];
  [more: string]: unknown;
}
