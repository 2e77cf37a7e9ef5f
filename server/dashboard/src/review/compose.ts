/**
 * One frame as the player shows it: the plate, and what the mattes say, one way or another. Drawn at
 * the proxies' size; zoom and pan are the canvas's own.
 */

import type { Placed } from "./placed";
import type { Channel, Ground, Overlay } from "./player";

export interface DrawnObject {
  name: string;
  /** As CSS writes it. */
  color: string;
  /** White where the object is, transparent where it is not. */
  matte: Placed | null;
  /** White on the matte's edge, transparent elsewhere. */
  edge: Placed | null;
}

export interface Scene {
  width: number;
  height: number;
  plate: CanvasImageSource | null;
  objects: readonly DrawnObject[];
  overlay: Overlay;
  ground: Ground;
}

const TINT = 0.45;
const CHECK = 16;
const GREYS = { light: "#8a8a8a", dark: "#6f6f6f", flat: "#808080" };

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;
/** A canvas to work on, as large as the scene; the same one each time. */
export type Scratch = (width: number, height: number) => Context;

export function compose(context: Context, scene: Scene, scratch: Scratch): void {
  const { width, height, plate, overlay, objects } = scene;
  context.clearRect(0, 0, width, height);
  if (overlay === "matte") {
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
    for (const { matte } of objects) if (matte) place(context, matte, scene);
    return;
  }
  if (overlay === "cutout") {
    drawGround(context, scene);
    if (plate) context.drawImage(cut(plate, scene, scratch).canvas, 0, 0);
    return;
  }
  if (plate) draw(context, plate, scene);
  if (overlay === "plate") return;
  for (const object of objects) paint(context, object, overlay === "tint" ? TINT : 0, scene, scratch);
}

/** Where two versions' mattes are not the same, bright. */
export function composeDifference(
  context: Context,
  scene: Scene,
  other: readonly DrawnObject[],
  scratch: Scratch,
): void {
  compose(context, { ...scene, overlay: "matte" }, scratch);
  const second = scratch(scene.width, scene.height);
  compose(second, { ...scene, objects: other, overlay: "matte" }, never);
  context.globalCompositeOperation = "difference";
  context.drawImage(second.canvas, 0, 0);
  context.globalCompositeOperation = "source-over";
}

/** The one version on the left of `wipe` (0 to 1 of the width), the other on its right. */
export function composeWipe(
  context: Context,
  scene: Scene,
  other: readonly DrawnObject[],
  wipe: number,
  scratch: Scratch,
  second: Context,
): void {
  compose(context, scene, scratch);
  compose(second, { ...scene, objects: other }, scratch);
  const left = Math.round(scene.width * wipe);
  const rest = scene.width - left;
  if (rest > 0) {
    context.drawImage(second.canvas, left, 0, rest, scene.height, left, 0, rest, scene.height);
  }
}

/** Luminance is Rec. 709's, of the picture's own values. */
export const WEIGHTS: Record<Exclude<Channel, "colour">, readonly [number, number, number]> = {
  red: [1, 0, 0],
  green: [0, 1, 0],
  blue: [0, 0, 1],
  luminance: [0.2126, 0.7152, 0.0722],
};

/** What was drawn, as one channel of it in grey. */
export function isolate(context: Context, { width, height }: Scene, channel: Channel): void {
  if (channel === "colour") return;
  const pixels = context.getImageData(0, 0, width, height);
  toGrey(pixels.data, WEIGHTS[channel]);
  context.putImageData(pixels, 0, 0);
}

/** Each pixel (four bytes) as grey: its red, green and blue by their weights. */
export function toGrey(data: Uint8ClampedArray, [red, green, blue]: readonly [number, number, number]): void {
  for (let at = 0; at < data.length; at += 4) {
    const grey = red * (data[at] ?? 0) + green * (data[at + 1] ?? 0) + blue * (data[at + 2] ?? 0);
    data.fill(Math.round(grey), at, at + 3);
  }
}

function never(): Context {
  throw new Error("A matte needs no second canvas.");
}

function draw(context: Context, image: CanvasImageSource, { width, height }: Scene): void {
  context.drawImage(image, 0, 0, width, height);
}

function place(context: Context, { image, x, y, ...size }: Placed, { width, height }: Scene): void {
  context.drawImage(image, x * width, y * height, size.width * width, size.height * height);
}

/** The object in its colour: its edge, and inside it as much as `tint` says. */
function paint(context: Context, object: DrawnObject, tint: number, scene: Scene, scratch: Scratch): void {
  const { matte, edge, color } = object;
  if (!edge) return;
  const colour = scratch(scene.width, scene.height);
  // Nothing is done beyond where the object is: most are small.
  const x = Math.floor(edge.x * scene.width);
  const y = Math.floor(edge.y * scene.height);
  const width = Math.min(scene.width, Math.ceil((edge.x + edge.width) * scene.width)) - x;
  const height = Math.min(scene.height, Math.ceil((edge.y + edge.height) * scene.height)) - y;
  colour.globalCompositeOperation = "source-over";
  colour.clearRect(x, y, width, height);
  if (matte && tint > 0) {
    colour.globalAlpha = tint;
    place(colour, matte, scene);
    colour.globalAlpha = 1;
  }
  place(colour, edge, scene);
  colour.globalCompositeOperation = "source-atop";
  colour.fillStyle = color;
  colour.fillRect(x, y, width, height);
  colour.globalCompositeOperation = "source-over";
  context.drawImage(colour.canvas, x, y, width, height, x, y, width, height);
}

function cut(plate: CanvasImageSource, scene: Scene, scratch: Scratch): Context {
  const kept = scratch(scene.width, scene.height);
  kept.globalCompositeOperation = "source-over";
  kept.clearRect(0, 0, scene.width, scene.height);
  for (const { matte } of scene.objects) if (matte) place(kept, matte, scene);
  kept.globalCompositeOperation = "source-in";
  draw(kept, plate, scene);
  kept.globalCompositeOperation = "source-over";
  return kept;
}

function drawGround(context: Context, { width, height, ground }: Scene): void {
  context.fillStyle = ground === "black" ? "#000" : ground === "grey" ? GREYS.flat : GREYS.dark;
  context.fillRect(0, 0, width, height);
  if (ground !== "checker") return;
  context.fillStyle = GREYS.light;
  for (let y = 0; y < height; y += CHECK) {
    for (let x = (y / CHECK) % 2 ? CHECK : 0; x < width; x += 2 * CHECK) {
      context.fillRect(x, y, CHECK, CHECK);
    }
  }
}
