/**
 * What the artist says about objects: clicks, boxes and absences on plate frames.
 *
 * Positions are plate pixels, origin at the top-left corner of the top-left pixel, y down; frames
 * are plate frame numbers. Everything here is a pure function of a frozen state, which is what
 * makes undo and keeping the state in the project simple.
 */

import { PanelError } from "../errors";

export interface Click {
  x: number;
  y: number;
  positive: boolean;
}

/** x0 < x1, y0 < y1. */
export type Box = readonly [number, number, number, number];

/** All that is said about one object on one frame. `absent` excludes the rest. */
export interface FramePrompt {
  frame: number;
  points: readonly Click[];
  box: Box | null;
  absent: boolean;
}

/** `color`: red, green, blue 0..1. `range`: the frames it exists on, null for all of the job's. */
export interface RotoObject {
  id: string;
  name: string;
  color: readonly [number, number, number];
  enabled: boolean;
  range: readonly [number, number] | null;
  prompts: readonly FramePrompt[];
}

/** `chosen`: the object that clicks go to. */
export interface Prompted {
  objects: readonly RotoObject[];
  chosen: string | null;
}

export const NOTHING: Prompted = { objects: [], chosen: null };

/** Told apart by colour-blind eyes as well as may be; none is red or green, which clicks are. */
const PALETTE: readonly (readonly [number, number, number])[] = [
  [0.25, 0.66, 0.96],
  [0.96, 0.62, 0.14],
  [0.8, 0.45, 0.9],
  [0.35, 0.85, 0.8],
  [0.98, 0.85, 0.3],
  [0.55, 0.55, 0.98],
  [0.95, 0.5, 0.65],
  [0.7, 0.6, 0.45],
];

const LONGEST_NAME = 100;
/** What the server takes as a name of an object: it becomes folder and file names. */
const NAME = /^[\p{L}\p{N}\p{M}_. -]+$/u;
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$/i;

export function emptyPrompt(frame: number): FramePrompt {
  return { frame, points: [], box: null, absent: false };
}

export function isEmpty(prompt: FramePrompt): boolean {
  return prompt.points.length === 0 && prompt.box === null && !prompt.absent;
}

export function promptOn(object: RotoObject, frame: number): FramePrompt {
  return object.prompts.find((one) => one.frame === frame) ?? emptyPrompt(frame);
}

export function objectOf(state: Prompted, id: string | null): RotoObject | null {
  return state.objects.find((one) => one.id === id) ?? null;
}

/** A name that no other object has: "object 1", "object 2", ... */
export function freeName(state: Prompted, stem = "object"): string {
  const taken = new Set(state.objects.map((one) => one.name.toLowerCase()));
  for (let number = 1; ; number++) {
    const name = `${stem}${number}`;
    if (!taken.has(name)) return name;
  }
}

/** One more object, which is then the chosen one. Throws PanelError for a name that cannot be. */
export function addObject(state: Prompted, name: string, id: string): Prompted {
  const checked = checkName(state, name, null);
  const color = PALETTE[state.objects.length % PALETTE.length]!;
  const made: RotoObject = { id, name: checked, color, enabled: true, range: null, prompts: [] };
  return { objects: [...state.objects, made], chosen: id };
}

export function removeObject(state: Prompted, id: string): Prompted {
  const place = state.objects.findIndex((one) => one.id === id);
  if (place < 0) return state;
  const objects = state.objects.filter((one) => one.id !== id);
  const next = objects[Math.min(place, objects.length - 1)];
  return { objects, chosen: state.chosen === id ? (next?.id ?? null) : state.chosen };
}

/** Throws PanelError for a name that is taken or cannot be. */
export function renameObject(state: Prompted, id: string, name: string): Prompted {
  const checked = checkName(state, name, id);
  return changed(state, id, (one) => ({ ...one, name: checked }));
}

export function setEnabled(state: Prompted, id: string, enabled: boolean): Prompted {
  return changed(state, id, (one) => ({ ...one, enabled }));
}

export function setColor(state: Prompted, id: string, color: RotoObject["color"]): Prompted {
  return changed(state, id, (one) => ({ ...one, color }));
}

/** Throws PanelError for a range that ends before it begins. */
export function setRange(state: Prompted, id: string, range: RotoObject["range"]): Prompted {
  if (range !== null && range[0] > range[1]) {
    throw new PanelError(
      `The object would end (${range[1]}) before it begins (${range[0]}).`,
      "Give its first frame first.",
    );
  }
  return changed(state, id, (one) => ({ ...one, range }));
}

export function choose(state: Prompted, id: string | null): Prompted {
  return state.chosen === id ? state : { ...state, chosen: id };
}

/** A click on or beside the object. Whoever clicks on a frame does not mean it to be absent. */
export function addClick(state: Prompted, id: string, frame: number, click: Click): Prompted {
  return onFrame(state, id, frame, (said) => ({
    ...said,
    absent: false,
    points: [...said.points, click],
  }));
}

export function moveClick(
  state: Prompted,
  id: string,
  frame: number,
  place: number,
  x: number,
  y: number,
): Prompted {
  return onFrame(state, id, frame, (said) => ({
    ...said,
    points: said.points.map((one, i) => (i === place ? { ...one, x, y } : one)),
  }));
}

export function removeClick(state: Prompted, id: string, frame: number, place: number): Prompted {
  return onFrame(state, id, frame, (said) => ({
    ...said,
    points: said.points.filter((_, i) => i !== place),
  }));
}

/** From any two opposite corners; null takes the box away. */
export function setBox(state: Prompted, id: string, frame: number, box: Box | null): Prompted {
  const upright: Box | null = box && [
    Math.min(box[0], box[2]),
    Math.min(box[1], box[3]),
    Math.max(box[0], box[2]),
    Math.max(box[1], box[3]),
  ];
  return onFrame(state, id, frame, (said) => ({
    ...said,
    absent: upright === null ? said.absent : false,
    box: upright,
  }));
}

/** Says that the object is not in the picture on a frame, which takes back what else was said. */
export function setAbsent(state: Prompted, id: string, frame: number, absent: boolean): Prompted {
  return onFrame(state, id, frame, (said) =>
    absent ? { ...emptyPrompt(frame), absent: true } : { ...said, absent: false },
  );
}

export function clearFrame(state: Prompted, id: string, frame: number): Prompted {
  return onFrame(state, id, frame, () => emptyPrompt(frame));
}

/** What is said on a frame in a few words: "2+ 1- box". Empty where nothing is. */
export function summary(prompt: FramePrompt): string {
  const positive = prompt.points.filter((one) => one.positive).length;
  const negative = prompt.points.length - positive;
  const parts = [
    positive ? `${positive}+` : "",
    negative ? `${negative}-` : "",
    prompt.box ? "box" : "",
    prompt.absent ? "absent" : "",
  ];
  return parts.filter(Boolean).join(" ");
}

function checkName(state: Prompted, name: string, own: string | null): string {
  const wanted = name.trim();
  if (wanted === "") throw new PanelError("An object needs a name.", "Type one, such as hero.");
  const dotted = wanted.startsWith(".") || wanted.endsWith(".");
  if (wanted.length > LONGEST_NAME || dotted || !NAME.test(wanted) || DEVICE.test(wanted)) {
    throw new PanelError(
      `"${wanted}" cannot be the name of an object.`,
      "Use letters, digits, _ - . and spaces (no dot at the ends): mattes are named after it.",
    );
  }
  const same = wanted.toLowerCase();
  if (state.objects.some((one) => one.id !== own && one.name.toLowerCase() === same)) {
    throw new PanelError(`There is an object named ${wanted} already.`, "Choose another name.");
  }
  return wanted;
}

function changed(
  state: Prompted,
  id: string,
  change: (object: RotoObject) => RotoObject,
): Prompted {
  return { ...state, objects: state.objects.map((one) => (one.id === id ? change(one) : one)) };
}

function onFrame(
  state: Prompted,
  id: string,
  frame: number,
  change: (said: FramePrompt) => FramePrompt,
): Prompted {
  return changed(state, id, (object) => {
    const said = change(promptOn(object, frame));
    const others = object.prompts.filter((one) => one.frame !== frame);
    const prompts = isEmpty(said) ? others : [...others, said];
    return { ...object, prompts: prompts.sort((a, b) => a.frame - b.frame) };
  });
}
