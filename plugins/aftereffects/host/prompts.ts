/** Prompts an artist made with After Effects' own tools: rectangle masks and Point Controls. */

import type {
  At,
  NativeObject,
  NativeOutline,
  NativePrompt,
  NativePrompts
} from "../contract/host";
import * as ae from "./ae";
import { frameAt } from "./clock";
import { ReadTrack, readTrack } from "./keys";
import { effectPrompt, maskPrompt } from "./names";
import { Ground, ground } from "./scene";

type Box = [number, number, number, number];

class Collected {
  objects: NativeObject[] = [];
  notes: string[] = [];
  private place: Ground;

  constructor(place: Ground) {
    this.place = place;
  }

  /** The prompt of an object on a frame; null, with a note, where the plate has no such frame. */
  prompt(object: string, frame: number): NativePrompt | null {
    const plate = this.place.plate;
    if (frame < plate.firstFrame || frame > plate.lastFrame) {
      this.notes.push(
        '"' +
          object +
          '" is prompted at frame ' +
          frame +
          ", which the plate does not have; left out."
      );
      return null;
    }
    const prompts = this.object(object).prompts;
    for (let i = 0; i < prompts.length; i++) {
      if (prompts[i].frame === frame) {
        return prompts[i];
      }
    }
    const made: NativePrompt = { frame: frame };
    prompts.push(made);
    return made;
  }

  private object(name: string): NativeObject {
    for (let i = 0; i < this.objects.length; i++) {
      if (this.objects[i].name === name) {
        return this.objects[i];
      }
    }
    const made: NativeObject = { name: name, prompts: [] };
    this.objects.push(made);
    return made;
  }

  point(object: string, frame: number, x: number, y: number, positive: boolean): void {
    const plate = this.place.plate;
    if (x < 0 || y < 0 || x > plate.width || y > plate.height) {
      this.notes.push(
        'A point of "' + object + '" at frame ' + frame + " lies beside the plate; left out."
      );
      return;
    }
    const prompt = this.prompt(object, frame);
    if (prompt) {
      prompt.points = (prompt.points || []).concat([{ x: x, y: y, positive: positive }]);
    }
  }

  box(object: string, frame: number, box: Box): void {
    const plate = this.place.plate;
    const inside: Box = [
      Math.max(0, box[0]),
      Math.max(0, box[1]),
      Math.min(plate.width, box[2]),
      Math.min(plate.height, box[3])
    ];
    if (inside[0] >= inside[2] || inside[1] >= inside[3]) {
      this.notes.push(
        'The box of "' + object + '" at frame ' + frame + " has no area on the plate; left out."
      );
      return;
    }
    const prompt = this.prompt(object, frame);
    if (prompt && prompt.box) {
      this.notes.push(
        '"' + object + '" has two boxes at frame ' + frame + "; the upper mask's counts."
      );
    } else if (prompt) {
      prompt.box = inside;
    }
  }

  outline(object: string, frame: number, outline: NativeOutline): void {
    const prompt = this.prompt(object, frame);
    if (prompt) {
      prompt.outline = (prompt.outline || []).concat([outline]);
    }
  }

  /** Frames and values of a property: its keys, or its value under the time indicator. */
  track<V>(property: Property, object: string): ReadTrack<V> {
    const track = readTrack<V>(property, this.place.clock);
    if (property.numKeys === 0) {
      track.frames = [frameAt(this.place.clock, this.place.comp.time)];
    }
    if (track.between) {
      this.notes.push(
        '"' + object + '" has ' + track.between + " keys between two frames; left out."
      );
    }
    return track;
  }
}

export function prompts(input: At & { outlines?: boolean }): NativePrompts {
  const place = ground(input);
  const collected = new Collected(place);
  readMaskPrompts(place, collected, input.outlines === true);
  readPoints(place, collected);
  for (let i = 0; i < collected.objects.length; i++) {
    collected.objects[i].prompts.sort(function (a, b) {
      return a.frame - b.frame;
    });
  }
  return { objects: collected.objects, notes: collected.notes };
}

function readMaskPrompts(place: Ground, collected: Collected, outlines: boolean): void {
  const parade = ae.masksOf(place.layer);
  const count = parade ? parade.numProperties : 0;
  for (let i = 1; i <= count; i++) {
    const mask = ae.maskAt(place.layer, i);
    const prompt = maskPrompt(mask.name);
    if (prompt || (outlines && mask.selected)) {
      const object = prompt ? prompt.object : mask.name;
      const track = collected.track<Shape>(ae.pathProperty(mask) as Property, object);
      for (let k = 0; k < track.frames.length; k++) {
        if (prompt) {
          addBox(collected, prompt.kind === "box", object, track.frames[k], track.values[k]);
        } else {
          addOutline(collected, mask, track.frames[k], track.values[k]);
        }
      }
    }
  }
}

function addBox(
  collected: Collected,
  isBox: boolean,
  object: string,
  frame: number,
  shape: Shape
): void {
  const around = bounds(shape.vertices);
  if (isBox) {
    collected.box(object, frame, around);
  } else {
    collected.point(object, frame, (around[0] + around[2]) / 2, (around[1] + around[3]) / 2, false);
  }
}

function bounds(vertices: [number, number][]): Box {
  const box: Box = [vertices[0][0], vertices[0][1], vertices[0][0], vertices[0][1]];
  for (let i = 1; i < vertices.length; i++) {
    box[0] = Math.min(box[0], vertices[i][0]);
    box[1] = Math.min(box[1], vertices[i][1]);
    box[2] = Math.max(box[2], vertices[i][0]);
    box[3] = Math.max(box[3], vertices[i][1]);
  }
  return box;
}

function addOutline(
  collected: Collected,
  mask: MaskPropertyGroup,
  frame: number,
  shape: Shape
): void {
  if (!shape.closed || shape.vertices.length < 3 || mask.inverted) {
    collected.notes.push(
      'The mask "' + mask.name + '" is open, inverted or has too few points; left out.'
    );
    return;
  }
  const points: NativeOutline["points"] = [];
  for (let i = 0; i < shape.vertices.length; i++) {
    const v = shape.vertices[i];
    const a = shape.inTangents[i];
    const b = shape.outTangents[i];
    points.push([v[0], v[1], a[0], a[1], b[0], b[1], isCorner(a, b)]);
  }
  collected.outline(mask.name, frame, {
    kind: "bezier",
    mode: "add",
    closed: true,
    points: points
  });
}

/** Handles that do not lie on one line make a corner. */
function isCorner(a: [number, number], b: [number, number]): boolean {
  const size = Math.sqrt((a[0] * a[0] + a[1] * a[1]) * (b[0] * b[0] + b[1] * b[1]));
  return (
    size === 0 || Math.abs(a[0] * b[1] - a[1] * b[0]) > 0.01 * size || a[0] * b[0] + a[1] * b[1] > 0
  );
}

function readPoints(place: Ground, collected: Collected): void {
  const parade = place.layer.property(ae.EFFECTS) as PropertyGroup;
  const count = parade ? parade.numProperties : 0;
  for (let i = 1; i <= count; i++) {
    const effect = parade.property(i) as PropertyGroup;
    const prompt =
      effect.matchName === ae.POINT_CONTROL && effect.enabled ? effectPrompt(effect.name) : null;
    if (prompt) {
      const track = collected.track<[number, number]>(
        effect.property(ae.POINT) as Property,
        prompt.object
      );
      for (let k = 0; k < track.frames.length; k++) {
        collected.point(
          prompt.object,
          track.frames[k],
          track.values[k][0],
          track.values[k][1],
          prompt.kind === "+"
        );
      }
    }
  }
}
