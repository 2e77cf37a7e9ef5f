/**
 * What somebody says of the objects of a shot before it is sent: plain values that are never changed
 * in place, so that every state can be gone back to. Places are pixels of the full-size plate.
 */

import { colorOf } from "../review/colors";
import type { ControlPoint } from "../review/documents";
import type { Click, Curve } from "../review/prompted";

/** x0, y0, x1, y1 with x0 < x1, y0 < y1. */
export type Box = [number, number, number, number];

export interface Stroke {
  erase: boolean;
  radius: number;
  points: [number, number][];
}

/** What was painted over what was there: base64 of a grey PNG of any size, "" for nothing. */
export interface Paint {
  base: string;
  strokes: Stroke[];
}

/** Everything said of one object on one frame; `absent` excludes the rest. */
export interface Said {
  points: Click[];
  box: Box | null;
  paint: Paint | null;
  absent: boolean;
  /** As an earlier job was told; paint takes its place. */
  curves?: Curve[];
  /** Which of the engine's masks is meant, where it is not the first: base64 of a grey PNG. */
  choice?: string;
}

export interface DraftObject {
  /** Its own while the draft lives; names may change. */
  key: string;
  name: string;
  label: string;
  /** As `#rrggbb`. */
  color: string;
  /** In and out, plate frames; null: as long as the plate. */
  range: [number, number] | null;
  said: Record<number, Said>;
}

/** Outlines moved by hand: `object/shape` -> frame -> the points, Beziers in plate pixels. */
export type Moved = Record<string, Record<number, ControlPoint[]>>;

export interface Draft {
  objects: DraftObject[];
  moved: Moved;
}

export interface Size {
  width: number;
  height: number;
}

export const NOTHING: Said = { points: [], box: null, paint: null, absent: false };

export function isSilent({ points, box, paint, absent, curves }: Said): boolean {
  return !points.length && !box && !paint && !absent && !curves;
}

/** Whether it says where the object is. */
export function shows({ points, box, paint, absent, curves }: Said): boolean {
  const isOutlined = box !== null || paint !== null || curves !== undefined;
  return !absent && (isOutlined || points.some(({ positive }) => positive));
}

/** Whether the mask is known here: what was chosen, or painted and nothing else said. */
export function isOwnMask({ points, box, paint, curves, choice }: Said): boolean {
  return choice !== undefined || (paint !== null && !points.length && !box && !curves);
}

export function saidOn(object: DraftObject | undefined, frame: number): Said {
  return object?.said[frame] ?? NOTHING;
}

/** The draft with another thing said of an object on a frame; what says nothing is left out. */
export function saying(draft: Draft, key: string, frame: number, change: (said: Said) => Said): Draft {
  return changing(draft, key, (object) => {
    const { [frame]: before = NOTHING, ...others } = object.said;
    const after = change(before);
    return { ...object, said: isSilent(after) ? others : { ...others, [frame]: after } };
  });
}

export function changing(draft: Draft, key: string, change: (object: DraftObject) => DraftObject): Draft {
  return { ...draft, objects: draft.objects.map((one) => (one.key === key ? change(one) : one)) };
}

/** A click more; where there is one within `reach` already, that is taken away. */
export function clicked(said: Said, click: Click, reach: number): Said {
  const near = said.points.findIndex(({ x, y }) => Math.hypot(x - click.x, y - click.y) <= reach);
  const { choice, ...others } = said;
  if (near >= 0) return { ...others, absent: false, points: said.points.toSpliced(near, 1) };
  // It is the mask one sees that a click puts right.
  const seen = choice === undefined ? {} : { paint: { base: choice, strokes: [] } };
  return { ...others, ...seen, absent: false, points: [...said.points, click] };
}

export function boxed({ choice: _, ...said }: Said, box: Box | null): Said {
  return { ...said, absent: false, box };
}

/** Another of the engine's masks is meant; null: its first. */
export function chosen({ choice: _, ...said }: Said, png: string | null): Said {
  return png === null ? said : { ...said, choice: png };
}

/** A stroke more; the first one goes over `base`. */
export function painted({ choice, curves: _, ...said }: Said, stroke: Stroke, base: string): Said {
  const paint = choice === undefined ? (said.paint ?? { base, strokes: [] }) : { base: choice, strokes: [] };
  return { ...said, absent: false, paint: { ...paint, strokes: [...paint.strokes, stroke] } };
}

export function absented(said: Said): Said {
  return said.absent ? NOTHING : { ...NOTHING, absent: true };
}

export function outlineMoved(draft: Draft, id: string, frame: number, points: ControlPoint[]): Draft {
  return { ...draft, moved: { ...draft.moved, [id]: { ...draft.moved[id], [frame]: points } } };
}

/** What hands have moved of an object on a frame, taken back. */
export function outlinesReset(draft: Draft, frame: number, object: string): Draft {
  const kept = Object.entries(draft.moved).flatMap(([id, frames]) => {
    if (objectOf(id) !== object || !(frame in frames)) return [[id, frames] as const];
    const { [frame]: _, ...others } = frames;
    return Object.keys(others).length ? [[id, others] as const] : [];
  });
  return { ...draft, moved: Object.fromEntries(kept) };
}

/** An object more, by a name and a colour that no other has. */
export function withObject(draft: Draft, key: string): Draft {
  const taken = new Set(draft.objects.map(({ name }) => folded(name)));
  let number = draft.objects.length + 1;
  while (taken.has(`object${number}`)) number += 1;
  const color = colorOf(null, draft.objects.length);
  const object: DraftObject = { key, name: `object${number}`, label: "", color, range: null, said: {} };
  return { ...draft, objects: [...draft.objects, object] };
}

export function withoutObject(draft: Draft, key: string): Draft {
  return { ...draft, objects: draft.objects.filter((one) => one.key !== key) };
}

/** Frames that something is said on, ascending. */
export function promptedFrames({ said }: DraftObject): number[] {
  return Object.keys(said).map(Number).sort((a, b) => a - b);
}

export function movedFrames({ moved }: Draft, object: string): number[] {
  const own = Object.entries(moved).filter(([id]) => objectOf(id) === object);
  const frames = own.flatMap(([, byFrame]) => Object.keys(byFrame).map(Number));
  return [...new Set(frames)].sort((a, b) => a - b);
}

export function outlineId(object: string, shape: string): string {
  return `${object}/${shape}`;
}

function objectOf(id: string): string {
  return id.slice(0, id.lastIndexOf("/"));
}

const NAME = /^[\p{L}\p{N}\p{M}_\-. ]{1,100}$/u;
/** Windows opens a device for these. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;
const MOST_BYTES = 200;

/** Why an object cannot be called as it is, for people; null where it can. */
export function wrongName({ objects }: Draft, object: DraftObject): string | null {
  const { name } = object;
  if (!name) return "Give it a name.";
  if (!NAME.test(name) || /^[. ]|[. ]$/.test(name)) {
    return `"${name}" cannot be a name: use letters, digits, _ - . and spaces (not at the ends).`;
  }
  if (DEVICE.test(name)) return `Windows keeps the name ${name} to itself: choose another.`;
  if (new TextEncoder().encode(name).length > MOST_BYTES) return "The name is too long for files.";
  const isTaken = objects.some((one) => one.key !== object.key && folded(one.name) === folded(name));
  return isTaken ? `Two objects are called ${name}: give each a name of its own.` : null;
}

/** Why the frames it comes in and goes out on cannot be, for people. */
export function wrongRange({ name, range }: DraftObject): string | null {
  return range && range[0] > range[1] ? `${name} goes out before it comes in.` : null;
}

/** The first thing that is wrong with the objects' names and ranges, for people. */
export function wrongWith(draft: Draft): string | null {
  for (const object of draft.objects) {
    const wrong = wrongName(draft, object) ?? wrongRange(object);
    if (wrong) return wrong;
  }
  return null;
}

function folded(name: string): string {
  return name.normalize("NFC").toLowerCase();
}
