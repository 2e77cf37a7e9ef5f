/**
 * What the panel asks of After Effects and what it is answered.
 *
 * The panel runs `callScript(name, input)` through `evalScript`; the answer is the text of a
 * `Reply`. One call is one script: After Effects closes an open undo group at a script's end, so
 * what is to be one undo step is one call.
 *
 * Positions are plate pixels, origin at the top-left corner of the top-left pixel, y down, the
 * first pixel's centre at (0.5, 0.5). Frames are plate frame numbers: those of a sequence's files,
 * a movie's first being `PlateInfo.firstFrame` (1). Ranges include both ends. After Effects' own
 * seconds, layer pixels and indices stay in the host code.
 *
 * Types only, and no library of JavaScript: the host code (ES3) and the panel both compile it.
 */

export const CONTRACT_VERSION = 1;

/** A text of `HostCalls`' names, e.g. "describe". */
export type HostCallName = keyof HostCalls;
export type HostInput<N extends HostCallName> = HostCalls[N]["input"];
export type HostValue<N extends HostCallName> = HostCalls[N]["value"];

/** What an artist reads: what is wrong, and what to do. `code` is for the panel. */
export interface HostProblem {
  code: HostCode;
  message: string;
  hint: string;
}

export type Reply<V> = { ok: true; value: V } | { ok: false; error: HostProblem };

export type HostCode =
  // no plate to speak of
  | "no_project"
  | "no_comp"
  | "no_layer"
  | "many_layers"
  | "layer_gone"
  | "no_plate"
  | "precomp"
  | "still"
  | "missing_footage"
  // a plate whose frames or pixels would not be told right
  | "time_remap"
  | "stretched"
  | "reversed"
  | "frame_blending"
  | "rate_mismatch"
  | "off_grid"
  | "interlaced"
  | "pulldown"
  | "looped"
  | "locked"
  // results
  | "no_masks"
  | "not_staged"
  | "bad_data"
  | "size_mismatch"
  | "masks_gone"
  | "mask_locked"
  | "matte_missing"
  // pictures, memory, anything else
  | "outside_plate"
  | "not_flat"
  | "cannot_write"
  | "too_large"
  | "bad_call"
  | "failed";

/** A layer by ids that stay the same while the project is edited, saved and opened again. */
export interface LayerRef {
  comp: number;
  layer: number;
}

/** Which layer is meant; without `at`, the one selected layer of the composition shown. */
export interface At {
  at?: LayerRef;
}

export interface HostCalls {
  /** The layer, its plate and what stands in the way. Never fails for what `refusals` can say. */
  describe: { input: At; value: Scene };
  /** The artist's own masks and effects as prompts; see `NativePrompts`. */
  prompts: { input: At & { outlines?: boolean }; value: NativePrompts };
  /** Put the time indicator on a plate frame. */
  goTo: { input: At & { frame: number }; value: { frame: number } };
  /**
   * Have After Effects write the composition's picture at a plate frame as a PNG. The file is not
   * there yet when this returns: wait until it ends with a complete IEND chunk.
   */
  saveFrame: { input: At & { frame: number }; value: SavedFrame };
  /** Hand masks over in pieces, so that no script gets too long; `head` comes with the first. */
  stage: { input: Staged; value: { masks: number } };
  /** Forget staged masks. */
  unstage: { input: { token: string }; value: { masks: number } };
  /**
   * Draw staged masks as new masks on the layer: one undo group a call. Masks `from` to
   * `from + count - 1` of the staged ones; without these, all.
   */
  applyMasks: { input: Apply; value: Applied };
  /** Put a correction's new keys in place of the old ones: one undo group. */
  updateMasks: { input: Update; value: Updated };
  /**
   * The masks that came from a job as they are now, and those drawn by hand beside them. `token`:
   * the job's own mask data, staged; by it renamed masks are known, and those of a job of so many
   * masks that the layer's comment cannot name them (`not_staged` without).
   */
  readMasks: { input: At & { token?: string; job?: string }; value: MasksNow };
  /**
   * Bring a matte in as footage and use it as the layer's track matte, if it has none yet: one undo
   * group.
   */
  importMatte: { input: At & MatteInput; value: MatteLayer };
  /** Keep a small JSON value with the layer in the project (it is saved and undone with it). */
  remember: { input: At & { key: string; value: Json }; value: { bytes: number } };
  /** What was kept with the layer; null where nothing was. */
  recall: { input: At & { key: string }; value: Json };
  /** The layers of the project that hold results, newest job first. */
  results: { input: Nothing; value: LayerResults[] };
  /** Try the host's own arithmetic on a composition made for it and taken away again. */
  selftest: { input: Nothing; value: SelfTest };
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export interface Nothing {
  [key: string]: never;
}

// --- describe

export interface Scene {
  /** After Effects' version, e.g. "25.4x12". */
  version: string;
  contract: number;
  /** The project's file, null while it has none. */
  projectPath: string | null;
  projectName: string;
  comp: CompInfo | null;
  layer: LayerInfo | null;
  plate: PlateInfo | null;
  /** The plate frame under the time indicator; null where the layer shows none. */
  frame: number | null;
  /** Plate frames the layer shows within the composition (trimmed ends left out). */
  shown: [number, number] | null;
  /** Why the layer cannot be used; empty when it can. */
  refusals: HostProblem[];
  /** What an artist may want to know. */
  notes: string[];
  /** Jobs whose masks are on the layer. */
  jobs: JobRef[];
}

export interface CompInfo {
  id: number;
  name: string;
  width: number;
  height: number;
  pixelAspect: number;
  fps: number;
}

export interface LayerInfo {
  ref: LayerRef;
  name: string;
  /** 1 is the topmost. */
  index: number;
}

export interface PlateInfo {
  kind: "sequence" | "movie";
  /** A path of this machine: the movie, or the sequence with its number as `####` or `%d`. */
  path: string;
  /** The file After Effects names: the movie, or the sequence's first frame. */
  file: string;
  firstFrame: number;
  lastFrame: number;
  /** Pixels of the full-size plate, whatever its proxy. */
  width: number;
  height: number;
  pixelAspect: number;
  fps: number;
  missing: boolean;
  proxy: { path: string; inUse: boolean } | null;
}

// --- prompts

/**
 * Masks named `box:<object>` give its box (around their vertices), `neg:<object>` a point beside
 * it (their middle). Point Controls named `+<object>` and `-<object>` give points on and beside it;
 * one may have a number behind a space or `#` ("+hero 2", "+hero#2"). Keys say on which frames;
 * without keys it is the frame under the time indicator. With `outlines`, selected masks
 * that follow none of these names are outlines, of an object called as the mask is, on the
 * same frames.
 */
export interface NativePrompts {
  objects: NativeObject[];
  /** What was passed over and why. */
  notes: string[];
}

export interface NativeObject {
  name: string;
  prompts: NativePrompt[];
}

/** The form the farm takes, plate pixels. */
export interface NativePrompt {
  frame: number;
  points?: { x: number; y: number; positive: boolean }[];
  box?: [number, number, number, number];
  outline?: NativeOutline[];
}

export interface NativeOutline {
  kind: "bezier";
  mode: "add" | "subtract";
  closed: true;
  /** x, y, in_x, in_y, out_x, out_y (handles as offsets), corner. */
  points: [number, number, number, number, number, number, boolean][];
}

// --- pictures

export interface SavedFrame {
  file: string;
  frame: number;
  /** Plate pixels to pixels of the picture: x' = a x + c y + e, y' = b x + d y + f. */
  toPicture: [number, number, number, number, number, number];
}

// --- masks

/** `megaton-roto/aftereffects/1`, the farm's export `aftereffects-data`, without its masks. */
export interface MaskHead {
  schema: "megaton-roto/aftereffects/1";
  width: number;
  height: number;
  fps: [number, number];
  first_frame: number;
  last_frame: number;
}

export interface MaskFile extends MaskHead {
  masks: MaskData[];
}

export interface MaskData {
  name: string;
  /** The name of the roto layer, i.e. of the object. */
  layer: string;
  layer_id: string;
  shape_id: string;
  mode: "add" | "subtract" | "none";
  inverted: boolean;
  closed: boolean;
  /** 0..1 each. */
  color: [number, number, number] | number[];
  motion_blur: boolean;
  feather: number;
  /** 0..100, still or keyed. */
  opacity: number | { frames: number[]; values: number[]; hold: number[] };
  frames: number[];
  /** Indices of the keys that hold until the next. */
  hold: number[];
  /** A row a key: x, y, in_x, in_y, out_x, out_y of every vertex. */
  points: number[][];
}

export interface Staged {
  /** Any word; staging under a word again with a `head` starts anew. */
  token: string;
  head?: MaskHead;
  masks: MaskData[];
}

export interface JobRef {
  job: string;
  shot: string;
  version: number;
}

export interface Apply extends At {
  token: string;
  job: JobRef;
  from?: number;
  count?: number;
  /**
   * Take away masks that an earlier job of this shot put on the layer, whatever was done to them
   * since. Only with the first piece. Without it they stay beside the new ones.
   */
  replace?: boolean;
}

export interface Applied {
  /** Name by name as staged -> as drawn (a name that was taken gets a number). */
  masks: { layer_id: string; shape_id: string; name: string }[];
  keys: number;
  removed: number;
  /** Milliseconds After Effects was busy. */
  ms: number;
}

export interface Update extends At {
  token: string;
  job: JobRef;
  /** The job whose masks are on the layer now. */
  base: string;
  /**
   * Its own mask data, staged: by it the artist's keys are known, which then stay as they are, also
   * within the stretches. Without it every key within a stretch is replaced.
   */
  baseToken?: string;
  /** Roto layer id -> stretches of plate frames that are new. Other layers stay as they are. */
  changed: { [layerId: string]: [number, number][] };
}

export interface Updated {
  /** Masks whose keys were replaced, and how many keys they got. */
  updated: number;
  keys: number;
  /** Masks of shapes that had none: new shapes, and those whose mask was deleted. */
  rebuilt: number;
  /** Masks of shapes that are no more. */
  removed: number;
  /** Keys of the artist's within the stretches that stayed, since the farm does not have them. */
  spared: number;
  ms: number;
}

export interface MasksNow {
  job: JobRef | null;
  width: number;
  height: number;
  masks: MaskNow[];
  /** Masks of the job that are not on the layer any more. */
  missing: { name: string; layer_id: string; shape_id: string }[];
  notes: string[];
}

/** A mask as it is now. `layer_id` and `shape_id` are "" for one the artist has drawn himself. */
export interface MaskNow extends MaskData {
  /** Its place among the layer's masks, from 1. */
  index: number;
  foundBy: "name" | "keys" | "none";
  /** Pixels the mask is grown by; a roto shape knows none. */
  expansion: number;
  /** Indices of keys whose way to the next is eased, which a roto shape shows straight. */
  eased: number[];
}

// --- mattes

export interface MatteInput {
  /** The first file of a sequence, or a movie. */
  firstFile: string;
  /** The plate frame the matte's first frame belongs to. Without it, the number in its name. */
  firstFrame?: number;
  mode: "alpha" | "luma";
  /** What the matte's layer is called. */
  name: string;
  job?: JobRef;
  /** Names an earlier matte layer of the same name to be replaced in place, if there is one. */
  replace?: boolean;
}

export interface MatteLayer {
  layer: LayerRef;
  name: string;
  replaced: boolean;
  notes: string[];
}

// --- memory

export interface LayerResults {
  at: LayerRef;
  compName: string;
  layerName: string;
  jobs: JobRef[];
}

export interface SelfTest {
  version: string;
  language: string;
  os: string;
  checks: { name: string; ok: boolean; detail: string }[];
}
