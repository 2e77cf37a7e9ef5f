/** A grey mask as something that can be laid over a picture: a veil of colour and a hard edge. */

import type { Color } from "./draw";

const VEIL = 0.38;
const INSIDE = 128;

/**
 * Pixels (RGBA, in place) of a grey mask made into colour: opacity follows the mask, and the pixels
 * inside that touch the outside become the edge. Rows of `width` pixels.
 */
export function tint(pixels: Uint8ClampedArray, width: number, color: Color): void {
  const count = pixels.length / 4;
  const grey = new Uint8Array(count);
  for (let i = 0; i < count; i++) grey[i] = pixels[4 * i]!;
  const [r, g, b] = color.map((one) => Math.round(255 * one)) as [number, number, number];
  for (let i = 0; i < count; i++) {
    const value = grey[i]!;
    const edge = value >= INSIDE && touchesOutside(grey, i, width);
    pixels[4 * i] = r;
    pixels[4 * i + 1] = g;
    pixels[4 * i + 2] = b;
    pixels[4 * i + 3] = edge ? 255 : Math.round(value * VEIL);
  }
}

/** The border of the plate is no edge of an object that leaves it. */
function touchesOutside(grey: Uint8Array, i: number, width: number): boolean {
  const x = i % width;
  const left = x > 0 && grey[i - 1]! < INSIDE;
  const right = x < width - 1 && grey[i + 1]! < INSIDE;
  const above = i >= width && grey[i - width]! < INSIDE;
  const below = i + width < grey.length && grey[i + width]! < INSIDE;
  return left || right || above || below;
}

/** A mask's PNG as a tinted picture. Throws if it cannot be decoded. */
export async function tinted(png: Blob, color: Color): Promise<HTMLCanvasElement> {
  const image = await createImageBitmap(png);
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height;
  const to = canvas.getContext("2d")!;
  to.drawImage(image, 0, 0);
  image.close();
  const data = to.getImageData(0, 0, canvas.width, canvas.height);
  tint(data.data, canvas.width, color);
  to.putImageData(data, 0, 0);
  return canvas;
}
