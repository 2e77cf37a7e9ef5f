/**
 * What an artist did to the masks of a version, as the farm takes it: his keys, and everything else
 * as it was, to the last bit (roto_shapes/edits.py).
 *
 * Masks were written from the version's document by the farm (`given`). A key that still is what
 * was given becomes the document's own again, so that only what a hand has touched differs. Where
 * the document's layer has a transform, which masks do not know, keys were baked: touched ones go
 * back through it, and baked ones nobody touched are left to the keys they were made of.
 */

import type { MaskData, MaskFile, MaskNow } from "../../contract/host";
import type {
  DocumentKey,
  DocumentLayer,
  DocumentShape,
  Point,
  RotoDocument,
  ValueKey,
} from "./document";
import { newKey } from "./ids";
import { RotoError } from "./errors";
import { intoLayer } from "./motion";
import type { Edit } from "./types";

/** Pixels: what hosts lose on an 8K plate, and less than any hand moves a point. */
const SAME = 2 ** -11;
const SMALL = 1e-3;

export interface EditsInput {
  /** The version's document and its masks as the farm wrote them (`shapesOf`). */
  document: RotoDocument;
  given: MaskFile;
  /** The masks as they are in the host now, the artist's own included. */
  now: readonly MaskNow[];
  /** Layer id -> object name (`objectNames`); a layer not in it is not corrected. */
  objects: Record<string, string>;
  /** Frames to correct from; left out = all that differ. */
  only?: readonly number[];
}

export interface Edits {
  edits: Edit[];
  /** For people: what was passed over, and what it was taken for. */
  notes: string[];
}

/** What differs from the version, by object; none where nothing does. */
export function editsFrom(input: EditsInput): Edits {
  const notes: string[] = [];
  const edits: Edit[] = [];
  const found = input.document.layers.filter((layer) =>
    input.now.some((mask) => mask.layer_id === layer.id),
  );
  if (found.length === 0) {
    throw new RotoError("The masks that are to be corrected are not on the layer any more.", {
      code: "bad_document",
      hint: "Undo until they are there, or apply the job's masks again.",
    });
  }
  for (const layer of input.document.layers) {
    if (layer.id in input.objects && !found.includes(layer) && layer.shapes.length > 0) {
      notes.push(`${layer.name}: none of its masks is there, so it is not corrected`);
    }
  }
  const strangers = new Set(input.now.filter((mask) => mask.layer_id === ""));
  for (const layer of found) {
    const object = input.objects[layer.id];
    if (object === undefined) {
      continue;
    }
    const added = [...strangers].filter((mask) => belongs(mask, layer));
    added.forEach((mask) => strangers.delete(mask));
    const edit = layerEdit(layer, input, added, notes);
    if (edit) {
      edits.push({ object, ...edit });
    }
  }
  for (const mask of strangers) {
    notes.push(`${mask.name}: not one of the farm's masks, left as it is`);
  }
  return { edits, notes };
}

/** A mask the artist drew for an object is called as the object's masks are. */
function belongs(mask: MaskNow, layer: DocumentLayer): boolean {
  return mask.name === layer.name || mask.name.startsWith(`${layer.name} `);
}

function layerEdit(
  layer: DocumentLayer,
  { document, given, now, only }: EditsInput,
  added: readonly MaskNow[],
  notes: string[],
): { frames: number[]; layer: Record<string, unknown> } | null {
  const range = document.frame_range;
  const touched = new Set<number>();
  const shapes: DocumentShape[] = [];
  for (const shape of layer.shapes) {
    const was = given.masks.find((one) => one.layer_id === layer.id && one.shape_id === shape.id);
    const is = now.find((one) => one.layer_id === layer.id && one.shape_id === shape.id);
    if (!was) {
      shapes.push(shape); // The farm wrote no mask of it: there was nothing to touch.
    } else if (is && is.points.length === 0) {
      notes.push(`${is.name}: no key of it lies on a frame, so it is not corrected`);
      shapes.push(shape);
    } else if (!is) {
      notes.push(`${was.name}: deleted`);
      few(shape.keys).forEach((frame) => touched.add(frame));
    } else {
      shapes.push(new ShapeBack(layer, shape, was, timed(was, is), notes).shape(touched));
    }
  }
  for (const mask of added) {
    const shape = addedShape(layer, mask, notes);
    if (shape) {
      shapes.push(shape);
      shape.keys.forEach((key) => touched.add(key.frame));
    }
  }
  const frames = [...touched].filter((frame) => frame >= range[0] && frame <= range[1]);
  if (frames.length < touched.size) {
    notes.push(`${layer.name}: keys outside frames ${range.join("-")} are not corrections`);
  }
  const chosen = frames.filter((frame) => !only || only.includes(frame));
  chosen.sort((one, other) => one - other);
  return chosen.length > 0 ? { frames: chosen, layer: { ...layer, shapes } } : null;
}

/** A path that stands still has no frame of its own in a host: it is on the frame it was given. */
function timed(was: MaskData, is: MaskNow): MaskNow {
  const still = is.points.length === 1 && (was.frames.length === 1 || is.frames.length === 0);
  return still ? { ...is, frames: was.frames.slice(0, 1), hold: [] } : is;
}

/** One known shape as it came back. */
class ShapeBack {
  constructor(
    private readonly layer: DocumentLayer,
    private readonly own: DocumentShape,
    private readonly was: MaskData,
    private readonly is: MaskNow,
    private readonly notes: string[],
  ) {}

  /** The shape; frames on which it differs are added to `touched`. */
  shape(touched: Set<number>): DocumentShape {
    this.noteWhatIsLost();
    const keys = this.keys(touched);
    const changed: Partial<DocumentShape> = this.attributes();
    if (Object.keys(changed).length > 0) {
      few(this.own.keys).forEach((frame) => touched.add(frame));
    }
    // A spline comes back as Beziers: touched, it stays one.
    const kind = keys === this.own.keys ? this.own.kind : "bezier";
    return { ...this.own, ...changed, kind, keys };
  }

  private keys(touched: Set<number>): DocumentKey[] {
    const { own, was, is } = this;
    const before = new Map(was.frames.map((frame, i) => [frame, i]));
    const mine = new Map(own.keys.map((key) => [key.frame, key]));
    const changed: number[] = [];
    const kept: (DocumentKey | null)[] = is.frames.map((frame, i) => {
      const at = before.get(frame);
      if (at === undefined || !sameKey(was, at, is, i)) {
        changed.push(frame);
        return artistKey(this.layer, is, i, this.corners());
      }
      return mine.get(frame) ?? null;
    });
    const here = new Set(is.frames);
    const deleted = was.frames.filter((frame) => !here.has(frame));
    if (changed.length === 0 && deleted.length === 0) {
      return own.keys;
    }
    [...changed, ...deleted].forEach((frame) => touched.add(frame));
    if (own.kind !== "bezier" || count(own.keys[0]) !== is.points[0]!.length / 6) {
      // Another topology, or a spline: no key of the document's can stand beside the artist's.
      return is.frames.map((_, i) => artistKey(this.layer, is, i, this.corners()));
    }
    return kept.filter((key): key is DocumentKey => key !== null);
  }

  private corners(): boolean[] {
    const points = this.own.kind === "bezier" ? this.own.keys[0]?.points : undefined;
    const known = points && points.length === this.is.points[0]!.length / 6;
    return known ? points.map((point) => point[6]) : [];
  }

  private attributes(): Partial<DocumentShape> {
    const { own, was, is } = this;
    const changed: Partial<DocumentShape> = {};
    if (is.mode !== was.mode && is.mode !== "none" && was.mode !== "none") {
      changed.mode = is.mode;
    }
    if (is.inverted !== was.inverted) {
      changed.inverted = is.inverted;
    }
    if (is.closed !== was.closed) {
      changed.closed = is.closed;
    }
    if (Math.abs(is.feather - was.feather) > SMALL) {
      changed.feather = is.feather;
    }
    if (!sameOpacity(was.opacity, is.opacity)) {
      if (own.visible.length > 0) {
        this.note("its opacity switches it on and off, and stays as the farm made it");
      } else {
        changed.opacity = opacityOf(is);
      }
    }
    return changed;
  }

  private noteWhatIsLost(): void {
    if (this.is.mode === "none" && this.was.mode !== "none") {
      this.note("set to None, which is no correction: delete it to take it away");
    }
    if (Math.abs(this.is.expansion) > SMALL) {
      this.note(`expanded by ${this.is.expansion} pixels, which roto shapes cannot hold`);
    }
    if (this.is.eased.length > 0) {
      this.note("keys are eased; the farm goes straight from key to key");
    }
  }

  private note(text: string): void {
    this.notes.push(`${this.is.name}: ${text}`);
  }
}

function addedShape(layer: DocumentLayer, mask: MaskNow, notes: string[]): DocumentShape | null {
  if (mask.mode === "none" || !mask.closed || mask.frames.length === 0) {
    notes.push(`${mask.name}: a mask that shows nothing is not taken along`);
    return null;
  }
  notes.push(`${mask.name}: drawn by hand, taken along as part of ${layer.name}`);
  return {
    id: newKey(),
    name: mask.name.slice(layer.name.length).trim() || mask.name,
    kind: "bezier",
    closed: true,
    mode: mask.mode,
    inverted: mask.inverted,
    visible: [],
    opacity: opacityOf(mask),
    feather: mask.feather,
    motion_blur: mask.motion_blur,
    color: null,
    keys: mask.frames.map((_, i) => artistKey(layer, mask, i, [])),
  };
}

/** A key of a mask in the layer's own space. `corners`: what is known of its points. */
function artistKey(
  layer: DocumentLayer,
  mask: MaskData,
  index: number,
  corners: readonly boolean[],
): DocumentKey {
  const frame = mask.frames[index]!;
  const row = mask.points[index]!;
  const points: Point[] = [];
  for (let i = 0; i < row.length; i += 6) {
    const [x, y, inX, inY, outX, outY] = row.slice(i, i + 6) as [
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    points.push([x, y, inX, inY, outX, outY, corners[i / 6] ?? isCorner(inX, inY, outX, outY)]);
  }
  return {
    frame,
    points: intoLayer(layer.transform, frame, points),
    origin: "artist",
    locked: false,
    interpolation: mask.hold.includes(index) ? "hold" : "linear",
  };
}

/** Handles of a smooth point lie on one line within half a degree (reading.py). */
function isCorner(inX: number, inY: number, outX: number, outY: number): boolean {
  const lengths = Math.hypot(inX, inY) * Math.hypot(outX, outY);
  const smooth = Math.cos((179.5 * Math.PI) / 180);
  return lengths === 0 || (inX * outX + inY * outY) / lengths > smooth;
}

function sameKey(was: MaskData, at: number, is: MaskData, index: number): boolean {
  const [before, after] = [was.points[at]!, is.points[index]!];
  // A hold after the last key is no hold.
  const last = at === was.frames.length - 1 || index === is.frames.length - 1;
  const meant = last || was.hold.includes(at) === is.hold.includes(index);
  return (
    meant && before.length === after.length && before.every((value, i) => near(value, after[i]!))
  );
}

function near(one: number, other: number): boolean {
  const resolved = 2 ** -22 * Math.max(Math.abs(one), Math.abs(other));
  return Math.abs(one - other) <= Math.max(SAME, resolved);
}

function sameOpacity(given: MaskData["opacity"], now: MaskData["opacity"]): boolean {
  const [was, is] = [still(given), still(now)];
  if (typeof was === "number" || typeof is === "number") {
    return typeof was === "number" && typeof is === "number" && Math.abs(was - is) <= SMALL;
  }
  return (
    was.frames.length === is.frames.length &&
    was.frames.every((frame, i) => frame === is.frames[i]) &&
    was.values.every((value, i) => Math.abs(value - is.values[i]!) <= SMALL) &&
    was.hold.join() === is.hold.join()
  );
}

/** A single key is a value that stands still: a host makes no key of it. */
function still(opacity: MaskData["opacity"]): MaskData["opacity"] {
  const only = typeof opacity === "object" && opacity.frames.length === 1;
  return only ? opacity.values[0]! : opacity;
}

function opacityOf(mask: MaskData): number | ValueKey[] {
  const { opacity } = mask;
  if (typeof opacity === "number") {
    return opacity / 100;
  }
  return opacity.frames.map((frame, i) => ({
    frame,
    value: opacity.values[i]! / 100,
    interpolation: opacity.hold.includes(i) ? "hold" : "linear",
  }));
}

function count(key: DocumentKey | undefined): number {
  return key?.points.length ?? 0;
}

/** Frames that stand for a whole shape. */
function few(keys: readonly DocumentKey[]): number[] {
  const chosen = [keys[0], keys[Math.floor(keys.length / 2)], keys[keys.length - 1]];
  return chosen.flatMap((key) => (key ? [key.frame] : []));
}
