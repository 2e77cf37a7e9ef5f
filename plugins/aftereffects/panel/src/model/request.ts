/** The panel's prompts, and those given in After Effects itself, as the farm takes them. */

import type {
  FramePrompt as SentPrompt,
  FrameRange,
  ObjectPrompts,
} from "../../../client/src/types";
import type { NativeObject, NativePrompt } from "../../../contract/host";
import { PanelError } from "../errors";
import type { FramePrompt, Prompted, RotoObject } from "./prompts";

/**
 * All objects that are switched on and have prompts. Masks and Point Controls of the layer are
 * added to the panel's object of the same name, or are an object of their own. Throws PanelError
 * where the two contradict each other.
 */
export function objectPrompts(
  prompted: Prompted,
  native: readonly NativeObject[],
): ObjectPrompts[] {
  const left = new Map(native.map((one) => [one.name.toLowerCase(), one]));
  const found: ObjectPrompts[] = [];
  for (const object of prompted.objects) {
    const beside = left.get(object.name.toLowerCase());
    left.delete(object.name.toLowerCase());
    if (!object.enabled) continue;
    const prompts = merged(object, beside?.prompts ?? []);
    if (prompts.length > 0) {
      found.push({
        name: object.name,
        color: [...object.color],
        ...(object.range && { frameRange: [...object.range] as FrameRange }),
        prompts,
      });
    }
  }
  for (const { name, prompts } of left.values()) {
    if (prompts.length > 0) found.push({ name, prompts: prompts.map((one) => ({ ...one })) });
  }
  return found;
}

/** "1001-1096" or "1001" as a range, empty as null. Throws PanelError for anything else. */
export function framesFromText(text: string): FrameRange | null {
  if (text.trim() === "") return null;
  const found = /^\s*(-?\d+)(?:\s*-\s*(-?\d+))?\s*$/.exec(text);
  const first = Number(found?.[1]);
  const last = Number(found?.[2] ?? found?.[1]);
  if (!found || first > last) {
    throw new PanelError(`"${text}" is no range of frames.`, "Write it as 1001-1096.");
  }
  return [first, last];
}

function merged(object: RotoObject, native: readonly NativePrompt[]): SentPrompt[] {
  const frames = new Map<number, SentPrompt>();
  for (const said of object.prompts) frames.set(said.frame, sent(said));
  for (const said of native) {
    const own = frames.get(said.frame);
    if (own?.absent) {
      throw new PanelError(
        `${object.name} is marked absent on frame ${said.frame}, but After Effects has a ` +
          "prompt there.",
        "Take away the mark, or the mask or Point Control.",
      );
    }
    frames.set(said.frame, own ? both(own, said) : { ...said });
  }
  return [...frames.values()].sort((a, b) => a.frame - b.frame);
}

function both(own: SentPrompt, said: NativePrompt): SentPrompt {
  const points = [...(own.points ?? []), ...(said.points ?? [])];
  const outline = [...(own.outline ?? []), ...(said.outline ?? [])];
  const box = own.box ?? said.box;
  return {
    frame: own.frame,
    ...(points.length > 0 && { points }),
    ...(box && { box }),
    ...(outline.length > 0 && { outline }),
  };
}

function sent(said: FramePrompt): SentPrompt {
  if (said.absent) return { frame: said.frame, absent: true };
  return {
    frame: said.frame,
    ...(said.points.length > 0 && { points: said.points.map((one) => ({ ...one })) }),
    ...(said.box && { box: [...said.box] as [number, number, number, number] }),
  };
}
