/** What is wanted of a job; the server's own, and the project's, where nothing is chosen. */

import type { components } from "../api/schema";
import type { Video } from "../ui/files";

type SegmentIn = components["schemas"]["SegmentIn"];
export type EngineOut = components["schemas"]["EngineOut"];

export interface Wanted {
  engine: string;
  model: string;
  /** null: the project's. */
  quality: NonNullable<SegmentIn["quality"]> | null;
  priority: NonNullable<SegmentIn["priority"]>;
  outputs: NonNullable<SegmentIn["outputs"]>;
  exports: string[];
  mattes: NonNullable<SegmentIn["mattes"]>;
  videos: Video[];
  /** As typed; null: all of the plate. */
  range: [string, string] | null;
  /** As typed; "" leaves it to the quality. */
  tolerance: string;
  /** Of the mattes' names; "": the usual. */
  template: string;
  /** A second look at every edge; null leaves it to the quality. */
  detail: boolean | null;
  publish: boolean;
}

export const DEFAULTS: Wanted = {
  engine: "auto",
  model: "auto",
  quality: null,
  priority: "normal",
  outputs: ["mattes", "shapes", "overlay", "contact_sheet"],
  exports: ["json", "nuke"],
  mattes: "exr",
  videos: [],
  range: null,
  tolerance: "",
  template: "",
  detail: null,
  publish: false,
};

export const PRIORITIES = [
  ["high", "High"],
  ["normal", "Normal"],
  ["low", "Low"],
] as const;

const ENGINES: Record<string, string> = { auto: "Best there is", sam2: "SAM 2", flow: "Optical flow" };

/** The engines that may be chosen. */
export const ENGINE_CHOICES = Object.entries(ENGINES);

/** The models of an engine, and what is to be known before one is chosen. */
export function modelChoices(known: readonly EngineOut[], engine: string): [string, string][] {
  const own = known.filter((one) => engine === "auto" || one.engine === engine);
  const named = (name: string, isThere: boolean) => (isThere ? name : `${name} (no worker has it)`);
  return [
    // Of no engine nothing is known until it was asked what there is.
    ["auto", named("Best there is", !known.length || own.some(({ workers }) => workers > 0))],
    ...own.map(({ model, workers }): [string, string] => [model, named(model, workers > 0)]),
  ];
}

/** What is to be known of the engine and the model that were chosen; null where nothing is. */
export function waitsFor(known: readonly EngineOut[], { engine, model }: Pick<Wanted, "engine" | "model">): string | null {
  const able = known.filter(
    (one) => (engine === "auto" || one.engine === engine) && (model === "auto" || one.model === model),
  );
  return able.some(({ workers }) => workers > 0) ? null : "No worker has it now: the job waits until one does.";
}

export type Wrong = Partial<Record<"range" | "outputs" | "exports" | "tolerance" | "template", string>>;

/** What cannot be asked for, by field, for people. */
export function wrongOf(wanted: Wanted, first: number, last: number): Wrong {
  const typed = wanted.range ?? [String(first), String(last)];
  const [from, to] = typed.map(Number) as [number, number];
  const isRange = typed.every((one) => /^-?\d+$/.test(one)) && first <= from && from <= to && to <= last;
  const tolerance = Number(wanted.tolerance);
  const isMade = wanted.outputs.length > 0 || wanted.videos.length > 0;
  return {
    ...(isRange ? {} : { range: `The plate has frames ${first} to ${last}, and the last is not before the first.` }),
    ...(isMade ? {} : { outputs: "Choose at least one." }),
    ...(wanted.outputs.includes("shapes") && !wanted.exports.length ? { exports: "Choose at least one." } : {}),
    ...(!wanted.tolerance || (tolerance > 0 && tolerance <= 100) ? {} : { tolerance: "More than 0, and at most 100." }),
    ...(/[\\/]/.test(wanted.template) ? { template: "A file's name, without folders." } : {}),
  };
}

/** The fields of a job; what nothing was said of is left out, so that presets hold. */
export function askedOf(wanted: Wanted): Partial<SegmentIn> {
  const { engine, model, quality, priority, outputs, exports, mattes, videos, range, publish } = wanted;
  const { tolerance, template, detail } = wanted;
  return {
    engine,
    model,
    quality,
    priority,
    outputs,
    exports: outputs.includes("shapes") ? exports : [],
    mattes,
    videos: videos.map((kind) => ({ kind })) as SegmentIn["videos"],
    publish,
    frame_range: range && (range.map(Number) as [number, number]),
    ...(tolerance ? { tolerance: Number(tolerance) } : {}),
    ...(template ? { template } : {}),
    ...(detail === null ? {} : { edges: { detail, refine: true } }),
  };
}
