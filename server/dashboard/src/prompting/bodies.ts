/** What is said, as the server takes it. */

import type { components } from "../api/schema";
import type { Layer, RotoDocument } from "../review/documents";
import { colourOf } from "../ui/colour";
import { correctedLayer } from "./corrected";
import { type Draft, type DraftObject, isSilent, movedFrames, promptedFrames, type Said, shows } from "./model";
import { askedOf, type Wanted } from "./wanted";

export type SegmentIn = components["schemas"]["SegmentIn"];
export type CorrectionIn = components["schemas"]["CorrectionIn"];
export type PreviewIn = components["schemas"]["PreviewIn"];
type PromptIn = components["schemas"]["PromptIn"];

/** A mask, painted or chosen, as base64 PNG, by object key and frame. */
export type Masks = (key: string, frame: number) => string | undefined;

export function segmentBody({ objects }: Draft, view: string, wanted: Wanted, masks: Masks): SegmentIn {
  return {
    ...askedOf(wanted),
    view,
    objects: objects.filter(hasPrompts).map((object) => ({
      name: object.name,
      label: object.label,
      color: colourOf(object.color),
      frame_range: object.range,
      prompts: promptsOf(object, masks),
    })),
  } as SegmentIn;
}

/** What differs from version `base`: moved outlines as whole layers, and prompts. */
export function correctionBody(
  draft: Draft,
  base: number,
  document: RotoDocument | undefined,
  masks: Masks,
  wanted: Partial<CorrectionIn> = {},
): CorrectionIn {
  const edits = draft.objects.flatMap((object) => {
    const frames = movedFrames(draft, object.name);
    const layer = document?.layers.find(({ name }) => name === object.name);
    const prompts = promptsOf(object, masks);
    if (!prompts.length && !(frames.length && layer)) return [];
    return [{ object: object.name, prompts, ...(frames.length && layer ? moved(draft, layer, frames) : {}) }];
  });
  return { ...wanted, base_version: base, edits } as CorrectionIn;
}

function moved(draft: Draft, layer: Layer, frames: number[]) {
  return { frames, layer: correctedLayer(layer, draft.moved) as unknown as Record<string, unknown> };
}

/** How many frames of how many objects something is said on. */
export function countSaid(draft: Draft): { frames: number; objects: number } {
  const counts = draft.objects.map(
    (object) => new Set([...promptedFrames(object), ...movedFrames(draft, object.name)]).size,
  );
  return { frames: counts.reduce((sum, one) => sum + one, 0), objects: counts.filter(Boolean).length };
}

export function hasPrompts({ said }: DraftObject): boolean {
  return Object.values(said).some((one) => !isSilent(one));
}

/** Whether the farm could find the object by what is said. */
export function isFindable({ said }: DraftObject): boolean {
  return Object.values(said).some(shows);
}

export function promptOf(frame: number, said: Said, mask: string | undefined): PromptIn {
  const { points, box, absent, curves, choice } = said;
  if (absent) return { frame, absent: true } as PromptIn;
  // A mask that was chosen is meant as it is: the clicks that led to it led to another first.
  if (choice && mask) return { frame, mask: { png: mask } } as PromptIn;
  return {
    frame,
    ...(points.length ? { points } : {}),
    ...(box ? { box } : {}),
    ...(mask ? { mask: { png: mask } } : curves ? { outline: curves } : {}),
  } as PromptIn;
}

function promptsOf(object: DraftObject, masks: Masks): PromptIn[] {
  return promptedFrames(object).map((frame) =>
    promptOf(frame, object.said[frame] as Said, masks(object.key, frame)),
  );
}
