/**
 * A grey matte as what is drawn of it: white with its grey as alpha, and its edge. Straight from
 * pixels, so that it can run beside the page as well as in it.
 */

export interface Rgba {
  width: number;
  height: number;
  /** Four bytes a pixel, row by row from the top. */
  data: Uint8ClampedArray<ArrayBuffer>;
}

/** Half covered: where a matte's edge is said to be. */
const INSIDE = 128;

/** White, as opaque as the matte is bright. */
export function alphaOf({ width, height, data }: Rgba): Rgba {
  const made = new Uint8ClampedArray(data.length).fill(255);
  for (let at = 0; at < data.length; at += 4) made[at + 3] = data[at] ?? 0;
  return { width, height, data: made };
}

/** White on the pixels inside that touch one outside; what lies beyond the picture is inside. */
export function edgeOf({ width, height, data }: Rgba): Rgba {
  const made = new Uint8ClampedArray(data.length);
  const white = new Uint32Array(made.buffer);
  const inside = new Uint8Array(width * height);
  for (let index = 0; index < inside.length; index += 1) inside[index] = (data[index * 4] ?? 0) >= INSIDE ? 1 : 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const index = y * width + x;
      if (!inside[index]) continue;
      const touches =
        (x > 0 && !inside[index - 1]) ||
        (x < width - 1 && !inside[index + 1]) ||
        (y > 0 && !inside[index - width]) ||
        (y < height - 1 && !inside[index + width]);
      if (touches) white[index] = 0xffffffff;
    }
  }
  return { width, height, data: made };
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Where the matte is anything but black, and a pixel around it; null where it is nowhere. */
export function boxOf({ width, height, data }: Rgba): Box | null {
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      if (!data[(y * width + x) * 4]) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  if (right < 0) return null;
  const x = Math.max(0, left - 1);
  const y = Math.max(0, top - 1);
  return { x, y, width: Math.min(width, right + 2) - x, height: Math.min(height, bottom + 2) - y };
}
