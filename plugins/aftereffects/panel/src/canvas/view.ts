/**
 * Where a plate lies on the canvas.
 *
 * Plate pixels have their origin at the top-left corner of the top-left pixel; canvas positions are
 * CSS pixels from the canvas' top-left corner. Pixel aspect stretches x, so what is shown looks
 * right, and a click taken on it still comes out in plate pixels.
 */

export interface Size {
  width: number;
  height: number;
}

/** `left`, `top`: where the plate's corner lies; `x`, `y`: CSS pixels for each plate pixel. */
export interface View {
  left: number;
  top: number;
  x: number;
  y: number;
}

export interface Point {
  x: number;
  y: number;
}

const MARGIN = 4;
const CLOSEST = 40;

/** The view that shows all of a plate in the middle of the canvas. */
export function fit(plate: Size, pixelAspect: number, canvas: Size): View {
  const across = plate.width * pixelAspect;
  const free = {
    width: Math.max(1, canvas.width - 2 * MARGIN),
    height: Math.max(1, canvas.height - 2 * MARGIN),
  };
  const scale = Math.min(free.width / across, free.height / plate.height);
  return {
    left: (canvas.width - across * scale) / 2,
    top: (canvas.height - plate.height * scale) / 2,
    x: scale * pixelAspect,
    y: scale,
  };
}

export function toPlate(view: View, at: Point): Point {
  return { x: (at.x - view.left) / view.x, y: (at.y - view.top) / view.y };
}

export function toCanvas(view: View, at: Point): Point {
  return { x: view.left + at.x * view.x, y: view.top + at.y * view.y };
}

export function isInside(plate: Size, at: Point): boolean {
  return at.x >= 0 && at.y >= 0 && at.x <= plate.width && at.y <= plate.height;
}

/** The nearest position on the plate; its edges belong to it. */
export function ontoPlate(plate: Size, at: Point): Point {
  return {
    x: Math.min(plate.width, Math.max(0, at.x)),
    y: Math.min(plate.height, Math.max(0, at.y)),
  };
}

/** Larger (`factor` > 1) or smaller around a place of the canvas, which stays where it is. */
export function zoomed(
  view: View,
  at: Point,
  factor: number,
  plate: Size,
  pixelAspect: number,
  canvas: Size,
): View {
  const whole = fit(plate, pixelAspect, canvas);
  const wanted = view.y * factor;
  if (wanted <= whole.y) return whole;
  const scale = Math.min(wanted, Math.max(CLOSEST, whole.y));
  const fixed = toPlate(view, at);
  const x = scale * pixelAspect;
  const next = { left: at.x - fixed.x * x, top: at.y - fixed.y * scale, x, y: scale };
  return held(next, plate, canvas);
}

/** Moved by so many CSS pixels. */
export function panned(view: View, dx: number, dy: number, plate: Size, canvas: Size): View {
  return held({ ...view, left: view.left + dx, top: view.top + dy }, plate, canvas);
}

/**
 * Kept so that the plate cannot be lost: a larger one covers the canvas, a smaller one is in it.
 */
function held(view: View, plate: Size, canvas: Size): View {
  return {
    ...view,
    left: kept(view.left, plate.width * view.x, canvas.width),
    top: kept(view.top, plate.height * view.y, canvas.height),
  };
}

function kept(start: number, length: number, room: number): number {
  const spare = room - length;
  if (spare >= 0) return spare / 2;
  return Math.min(MARGIN, Math.max(spare - MARGIN, start));
}
