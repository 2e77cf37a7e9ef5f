/**
 * What a hand does on the canvas, as what it means. Pure, so that it can be tested without a
 * browser.
 *
 * A click is a point, a drag is a box; on a point that is there already a drag moves it. Alt turns
 * a click into its opposite. The middle button, or the space bar held, moves the picture.
 */

import type { Box, FramePrompt } from "../model/prompts";
import { ontoPlate, toCanvas, toPlate, type Point, type Size, type View } from "./view";

export type Tool = "add" | "remove" | "box";

export interface Press {
  at: Point;
  button: number;
  alt: boolean;
  space: boolean;
}

/** What the hand is in the middle of. `from` and `to` are plate pixels. */
export type Hold =
  | { kind: "pan"; last: Point }
  | { kind: "point"; place: number; moved: boolean }
  | { kind: "press"; start: Point; from: Point; to: Point; positive: boolean; box: boolean };

export type Act =
  | { kind: "click"; x: number; y: number; positive: boolean }
  | { kind: "box"; box: Box }
  | { kind: "move"; place: number; x: number; y: number; first: boolean }
  | { kind: "pan"; dx: number; dy: number };

/** CSS pixels a hand shakes without meaning a drag. */
const SHAKE = 4;
/** CSS pixels around a point that belong to it. */
const REACH = 9;
/** Plate pixels a box must have on each side. */
const SMALLEST_BOX = 2;

/** The point of `prompt` at a place of the canvas, -1 for none; the one drawn last wins. */
export function pointAt(prompt: FramePrompt, view: View, at: Point): number {
  for (let place = prompt.points.length - 1; place >= 0; place--) {
    const drawn = toCanvas(view, prompt.points[place]!);
    if (Math.hypot(drawn.x - at.x, drawn.y - at.y) <= REACH) return place;
  }
  return -1;
}

export function press(
  event: Press,
  tool: Tool,
  prompt: FramePrompt,
  view: View,
  plate: Size,
): Hold | null {
  if (event.button === 1 || event.space) return { kind: "pan", last: event.at };
  if (event.button !== 0) return null;
  const place = tool === "box" ? -1 : pointAt(prompt, view, event.at);
  if (place >= 0) return { kind: "point", place, moved: false };
  const from = toPlate(view, event.at);
  const outside = ontoPlate(plate, from);
  if (tool !== "box" && (outside.x !== from.x || outside.y !== from.y)) return null;
  const positive = (tool !== "remove") !== event.alt;
  return {
    kind: "press",
    start: event.at,
    from: outside,
    to: outside,
    positive,
    box: tool === "box",
  };
}

export function drag(
  hold: Hold,
  at: Point,
  view: View,
  plate: Size,
): { hold: Hold; act: Act | null } {
  if (hold.kind === "pan") {
    const act: Act = { kind: "pan", dx: at.x - hold.last.x, dy: at.y - hold.last.y };
    return { hold: { kind: "pan", last: at }, act };
  }
  const to = ontoPlate(plate, toPlate(view, at));
  if (hold.kind === "point") {
    const act: Act = { kind: "move", place: hold.place, x: to.x, y: to.y, first: !hold.moved };
    return { hold: { ...hold, moved: true }, act };
  }
  const far = Math.hypot(at.x - hold.start.x, at.y - hold.start.y) > SHAKE;
  return { hold: { ...hold, to, box: hold.box || (far && hold.positive) }, act: null };
}

/** The box being drawn, for the overlay; null where none is. */
export function drawn(hold: Hold | null): Box | null {
  if (hold?.kind !== "press" || !hold.box) return null;
  return [hold.from.x, hold.from.y, hold.to.x, hold.to.y];
}

/** What the hand has done when it lets go; null for nothing, or for what `drag` has told. */
export function release(hold: Hold, tool: Tool): Act | null {
  if (hold.kind !== "press") return null;
  const { from, to, positive } = hold;
  const large = Math.abs(to.x - from.x) >= SMALLEST_BOX && Math.abs(to.y - from.y) >= SMALLEST_BOX;
  if (hold.box && large) {
    return { kind: "box", box: [from.x, from.y, to.x, to.y] };
  }
  return tool === "box" ? null : { kind: "click", x: from.x, y: from.y, positive };
}
