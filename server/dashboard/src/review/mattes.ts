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
  const isIn = (index: number) => (data[index * 4] ?? 0) >= INSIDE;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const index = y * width + x;
      if (!isIn(index)) continue;
      const touches =
        (x > 0 && !isIn(index - 1)) ||
        (x < width - 1 && !isIn(index + 1)) ||
        (y > 0 && !isIn(index - width)) ||
        (y < height - 1 && !isIn(index + width));
      if (touches) made.fill(255, index * 4, index * 4 + 4);
    }
  }
  return { width, height, data: made };
}
