/** Everything drawn on the canvas: picture, masks, boxes, points. Colours are r, g, b of 0..1. */

import type { Box, FramePrompt } from "../model/prompts";
import { toCanvas, type Point, type Size, type View } from "./view";

export type Color = readonly [number, number, number];

export interface ShownPrompt {
  prompt: FramePrompt;
  color: Color;
  /** The object that clicks go to: its points are large. */
  chosen: boolean;
  /** Said in After Effects itself, so not to be dragged here. */
  native: boolean;
}

/** Plate pixels to the picture's: x' = a x + c y + e, y' = b x + d y + f. */
export type Affine = readonly [number, number, number, number, number, number];

export interface Scene {
  plate: Size;
  view: View;
  picture: { image: CanvasImageSource; toPicture: Affine | null } | null;
  masks: readonly CanvasImageSource[];
  prompts: readonly ShownPrompt[];
  rubber: Box | null;
  cursor: Point | null;
}

export const POSITIVE = "#4fd06d";
export const NEGATIVE = "#ff5d50";
const OUTLINE = "rgba(0, 0, 0, .85)";
const NEAREST_FROM = 3;

export function css(color: Color, alpha = 1): string {
  const [r, g, b] = color.map((one) => Math.round(255 * Math.min(1, Math.max(0, one))));
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

/** Draws a scene on a canvas of `size` CSS pixels, `ratio` device pixels each. */
export function draw(to: CanvasRenderingContext2D, scene: Scene, size: Size, ratio: number): void {
  to.setTransform(ratio, 0, 0, ratio, 0, 0);
  to.clearRect(0, 0, size.width, size.height);
  const { view, plate } = scene;
  const width = plate.width * view.x;
  const height = plate.height * view.y;
  to.imageSmoothingEnabled = view.y * ratio < NEAREST_FROM;
  blank(to, view, width, height);
  if (scene.picture?.toPicture)
    drawPlaced(to, view, plate, scene.picture.image, scene.picture.toPicture);
  else if (scene.picture) to.drawImage(scene.picture.image, view.left, view.top, width, height);
  for (const mask of scene.masks) to.drawImage(mask, view.left, view.top, width, height);
  for (const shown of scene.prompts) if (!shown.chosen) drawPrompt(to, view, shown);
  for (const shown of scene.prompts) if (shown.chosen) drawPrompt(to, view, shown);
  if (scene.rubber) drawBox(to, view, scene.rubber, "#ffffff", true);
  if (scene.cursor) drawCursor(to, toCanvas(view, scene.cursor), size);
}

/** A picture of the composition: turned and scaled back so that the plate lies where it belongs. */
function drawPlaced(
  to: CanvasRenderingContext2D,
  view: View,
  plate: Size,
  image: CanvasImageSource,
  [a, b, c, d, e, f]: Affine,
): void {
  const area = a * d - b * c;
  if (area === 0) return;
  to.save();
  to.transform(view.x, 0, 0, view.y, view.left, view.top);
  to.beginPath();
  to.rect(0, 0, plate.width, plate.height);
  to.clip();
  to.transform(
    d / area,
    -b / area,
    -c / area,
    a / area,
    (c * f - d * e) / area,
    (b * e - a * f) / area,
  );
  to.drawImage(image, 0, 0);
  to.restore();
}

function blank(to: CanvasRenderingContext2D, view: View, width: number, height: number): void {
  to.fillStyle = "#161719";
  to.fillRect(view.left, view.top, width, height);
  to.strokeStyle = "#3a3d41";
  to.lineWidth = 1;
  to.strokeRect(view.left + 0.5, view.top + 0.5, width - 1, height - 1);
}

function drawPrompt(to: CanvasRenderingContext2D, view: View, shown: ShownPrompt): void {
  to.globalAlpha = shown.chosen ? 1 : 0.6;
  if (shown.prompt.box) drawBox(to, view, shown.prompt.box, css(shown.color), shown.native);
  for (const point of shown.prompt.points) {
    const at = toCanvas(view, point);
    drawPoint(to, at, point.positive, shown.chosen ? 6 : 4.5, shown.native);
  }
  to.globalAlpha = 1;
}

function drawBox(
  to: CanvasRenderingContext2D,
  view: View,
  box: Box,
  color: string,
  dashed: boolean,
): void {
  const from = toCanvas(view, { x: box[0], y: box[1] });
  const end = toCanvas(view, { x: box[2], y: box[3] });
  for (const [style, width] of [
    [OUTLINE, 3.5],
    [color, 1.5],
  ] as const) {
    to.setLineDash(dashed ? [6, 4] : []);
    to.strokeStyle = style;
    to.lineWidth = width;
    to.strokeRect(from.x, from.y, end.x - from.x, end.y - from.y);
  }
  to.setLineDash([]);
}

/** A disc with a plus or a minus in it, so that nobody has to tell green from red. */
function drawPoint(
  to: CanvasRenderingContext2D,
  at: Point,
  positive: boolean,
  radius: number,
  native: boolean,
): void {
  to.beginPath();
  if (native) to.rect(at.x - radius, at.y - radius, 2 * radius, 2 * radius);
  else to.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  to.fillStyle = positive ? POSITIVE : NEGATIVE;
  to.fill();
  to.strokeStyle = OUTLINE;
  to.lineWidth = 1.5;
  to.stroke();
  const arm = radius - 2.5;
  to.beginPath();
  to.moveTo(at.x - arm, at.y);
  to.lineTo(at.x + arm, at.y);
  if (positive) {
    to.moveTo(at.x, at.y - arm);
    to.lineTo(at.x, at.y + arm);
  }
  to.stroke();
}

function drawCursor(to: CanvasRenderingContext2D, at: Point, size: Size): void {
  for (const [style, width] of [
    [OUTLINE, 3],
    ["#ffffff", 1],
  ] as const) {
    to.strokeStyle = style;
    to.lineWidth = width;
    to.beginPath();
    to.moveTo(0, at.y);
    to.lineTo(size.width, at.y);
    to.moveTo(at.x, 0);
    to.lineTo(at.x, size.height);
    to.stroke();
  }
}
