/** What an earlier job of the shot was told, or was said of an earlier plate, taken up into a draft. */

import type { components } from "../api/schema";
import type { Plate } from "../api/shots";
import { hexOf } from "../ui/colour";
import { changing, type Draft, type DraftObject, NOTHING, type Said, withObject } from "./model";

type PlateFacts = Pick<Plate, "view" | "version" | "state" | "width" | "height" | "frame_offset">;
type SentPrompt = Partial<Omit<components["schemas"]["PromptIn"], "frame">> & { frame: number };

export interface SentObject {
  name: string;
  label?: string;
  color?: number[] | null;
  frame_range?: [number, number] | null;
  prompts?: SentPrompt[];
}

/** The objects a job was submitted with. */
export function sentOf(params: Record<string, unknown>): SentObject[] {
  return Array.isArray(params.objects) ? (params.objects as SentObject[]) : [];
}

export interface Taking {
  first: number;
  last: number;
  /** Frame N of the job's plate is frame N + this of the one that is prompted. */
  offset: number;
  /** Of a correction the objects are given: others are not added. */
  isFixed: boolean;
  /** The one frame that is asked for; null: all. */
  only: number | null;
  newKey(): string;
}

export interface Taken {
  draft: Draft;
  /** Prompts that were taken up, and that could not be: of other frames or objects. */
  taken: number;
  left: number;
}

/** The draft with what the job was told in place of what is said on the same frames. */
export function takenUp(draft: Draft, sent: readonly SentObject[], taking: Taking): Taken {
  let [next, taken, left] = [draft, 0, 0];
  for (const one of sent) {
    const asked = (one.prompts ?? [])
      .map((prompt) => ({ ...prompt, frame: prompt.frame + taking.offset }))
      .filter(({ frame }) => taking.only === null || frame === taking.only);
    const there = asked.filter(({ frame }) => taking.first <= frame && frame <= taking.last);
    const known = next.objects.find(({ name }) => name === one.name);
    if (!there.length || (!known && taking.isFixed)) {
      left += asked.length;
      continue;
    }
    const key = known?.key ?? taking.newKey();
    if (!known) next = { ...withoutUnused(next), objects: [...withoutUnused(next).objects, objectOf(one, key, next, taking)] };
    const said = Object.fromEntries(there.map((prompt) => [prompt.frame, saidOf(prompt)]));
    next = changing(next, key, (object) => ({ ...object, said: { ...object.said, ...said } }));
    taken += there.length;
    left += asked.length - there.length;
  }
  return { draft: next, taken, left };
}

/** Without the object that is only there so that the first click needs no form. */
function withoutUnused(draft: Draft): Draft {
  const [only] = draft.objects;
  const isUnused = draft.objects.length === 1 && only?.name === "object1" && !Object.keys(only.said).length;
  return isUnused && !only.label ? { ...draft, objects: [] } : draft;
}

function objectOf(sent: SentObject, key: string, draft: Draft, { offset }: Taking): DraftObject {
  const fresh = withObject(draft, key).objects.at(-1) as DraftObject;
  const isColoured = sent.color?.some((part) => part !== 1);
  return {
    ...fresh,
    name: sent.name,
    label: sent.label ?? "",
    color: isColoured && sent.color ? hexOf(sent.color) : fresh.color,
    range: sent.frame_range ? [sent.frame_range[0] + offset, sent.frame_range[1] + offset] : null,
  };
}

function saidOf({ points = [], box, mask, outline, absent }: SentPrompt): Said {
  if (absent) return { ...NOTHING, absent: true };
  return {
    ...NOTHING,
    points: points.map(({ x, y, positive }) => ({ x, y, positive })),
    box: box ? ([...box] as Said["box"]) : null,
    paint: mask ? { base: mask.png, strokes: [] } : null,
    ...(outline ? { curves: outline as Said["curves"] } : {}),
  };
}

/** By how many frames a plate of the view has moved since version `from`; null where the sizes differ. */
export function movedSince(plates: readonly PlateFacts[], view: string, from: number, to: number): number | null {
  const own = plates.filter((one) => one.view === view && one.state === "ready");
  const [before, now] = [from, to].map((version) => own.find((one) => one.version === version));
  if (before && now && (before.width !== now.width || before.height !== now.height)) return null;
  return own
    .filter(({ version }) => from < version && version <= to)
    .reduce((sum, { frame_offset }) => sum + frame_offset, 0);
}

/** The draft on a plate whose frames are called otherwise: what is on none of its frames is left out. */
export function movedBy({ objects, moved }: Draft, offset: number, first: number, last: number): Draft {
  const onPlate = <T>(frames: Record<number, T>): Record<number, T> =>
    Object.fromEntries(
      Object.entries(frames)
        .map(([frame, what]) => [Number(frame) + offset, what] as const)
        .filter(([frame]) => first <= frame && frame <= last),
    );
  return {
    objects: objects.map((object) => ({
      ...object,
      range: object.range && [object.range[0] + offset, object.range[1] + offset],
      said: onPlate(object.said),
    })),
    moved: Object.fromEntries(Object.entries(moved).map(([id, frames]) => [id, onPlate(frames)])),
  };
}
