/** Strokes as a mask: over what was there, white where they add, black where they erase. */

import { pngOf } from "../review/prompted";
import { matteOf, type Matte } from "../review/sources";
import { base64 } from "../ui/bytes";
import type { Paint, Size, Stroke } from "./model";
import { greyPng } from "./png";

/** As large as a mask is drawn on the page. */
const SHOWN = 960;

/** The mask to look at. */
export async function shownPaint(paint: Paint, plate: Size): Promise<Matte> {
  const scale = Math.min(1, SHOWN / Math.max(plate.width, plate.height));
  const canvas = await drawn(paint, plate, scale);
  return matteOf(canvas.transferToImageBitmap());
}

/** The mask to send: base64 of a grey PNG of the plate's size. */
export async function sentPaint(paint: Paint, plate: Size): Promise<string> {
  return greyOf(await drawn(paint, plate, 1));
}

/** Any mask's picture as one of the plate's size, to send. */
export async function sentMask(png: Blob, plate: Size): Promise<string> {
  const picture = await createImageBitmap(png);
  const canvas = new OffscreenCanvas(plate.width, plate.height);
  contextOf(canvas).drawImage(picture, 0, 0, plate.width, plate.height);
  return greyOf(canvas);
}

export async function base64Of(blob: Blob): Promise<string> {
  return base64(new Uint8Array(await blob.arrayBuffer()));
}

async function drawn({ base, strokes }: Paint, { width, height }: Size, scale: number): Promise<OffscreenCanvas> {
  const canvas = new OffscreenCanvas(Math.round(width * scale), Math.round(height * scale));
  const context = contextOf(canvas);
  context.fillStyle = "#000";
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (base) context.drawImage(await createImageBitmap(pngOf(base)), 0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  for (const stroke of strokes) draw(context, stroke);
  return canvas;
}

function draw(context: OffscreenCanvasRenderingContext2D, { erase, radius, points }: Stroke): void {
  context.strokeStyle = erase ? "#000" : "#fff";
  context.lineWidth = 2 * radius;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.beginPath();
  points.forEach(([x, y], index) => (index ? context.lineTo(x, y) : context.moveTo(x, y)));
  // A dab: a line of no length is drawn as its round ends.
  if (points.length === 1 && points[0]) context.lineTo(points[0][0], points[0][1]);
  context.stroke();
}

async function greyOf(canvas: OffscreenCanvas): Promise<string> {
  const { width, height } = canvas;
  const { data } = contextOf(canvas).getImageData(0, 0, width, height);
  const grey = new Uint8Array(width * height);
  for (let at = 0; at < grey.length; at += 1) grey[at] = data[at * 4] ?? 0;
  return base64(await greyPng(width, height, grey));
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser draws no pictures.");
  return context;
}
