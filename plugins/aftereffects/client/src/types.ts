/**
 * What goes to the server and what comes back.
 *
 * Everywhere: pixels of the full-size plate, origin at the top-left corner of the top-left pixel,
 * y down, the first pixel's centre at (0.5, 0.5); plate frame numbers, ranges inclusive pairs.
 */

import type {
  EditIn,
  JobOut,
  MaskOut,
  ObjectOut,
  OutlineIn,
  OutputOut,
  PreviewedObject,
  PreviewOut,
  Progress,
  ProjectOut,
  PromptIn,
  ShotOut,
  UploadOut,
} from "./schema";

export type Project = ProjectOut;
export type Shot = ShotOut;
export type Job = JobOut;
export type JobState = JobOut["state"];
export type JobProgress = Progress;
export type Output = OutputOut;
export type MaskRow = MaskOut;
export type ShotObject = ObjectOut;
export type Upload = UploadOut;
/** One to three candidates an object, best first; `png` is base64 of an 8-bit grey PNG. */
export type Preview = Omit<PreviewOut, "objects"> & { objects: PreviewedObject[] };
export type Outline = OutlineIn;
/** One object's edit, as `POST shots/{id}/corrections` takes it. */
export type Edit = EditIn;

export type FrameRange = [number, number];
export type Box = [number, number, number, number];

export interface Click {
  x: number;
  y: number;
  positive: boolean;
}

/** Everything said about one object on one plate frame. `absent` excludes the rest. */
export type FramePrompt = PromptIn;

/** One thing to isolate and what is said about it. `color`: r, g, b in 0..1. */
export interface ObjectPrompts {
  name: string;
  prompts: FramePrompt[];
  label?: string;
  color?: [number, number, number];
  /** In and out frame, outside which its matte is empty; left out = all frames. */
  frameRange?: FrameRange;
}

export type Transfer = "auto" | "path" | "upload";
export type OutputKind = "mattes" | "cryptomatte" | "shapes" | "overlay" | "contact_sheet";
export type MatteFormat = "exr" | "png8" | "png16";
export type Priority = "high" | "normal" | "low";

/** All a job is made of; what is left out is the server's choice. */
export interface SubmitRequest {
  /**
   * The plate as this machine names it: a movie, `plate.%04d.exr`, `plate.####.exr`, or one file
   * of a sequence.
   */
  plate: string;
  objects: ObjectPrompts[];
  /** Default "default". */
  project?: string;
  /** Left out = after the plate. */
  shot?: string;
  frameRange?: FrameRange;
  /** Of a movie: the plate frame number of its first picture. */
  firstFrame?: number;
  colorspace?: string;
  fps?: [number, number];
  outputs?: OutputKind[];
  /** Shape formats: "aftereffects-data", "json", "nuke", ... */
  exports?: string[];
  mattes?: MatteFormat;
  engine?: string;
  model?: string;
  imageSize?: number;
  direction?: "both" | "forward" | "backward";
  /** Allowed outline error in plate pixels. */
  tolerance?: number;
  /** "off" lets shapes carry all motion, for hosts without a layer transform. */
  layerTransform?: "auto" | "off";
  detail?: boolean;
  refine?: boolean;
  template?: string;
  priority?: Priority;
  /** "path": the server reads the plate in place; "upload"; "auto": path, upload if refused. */
  transfer?: Transfer;
  /** The same key never makes two jobs. */
  key?: string;
  /** Pixels of the picture the prompts were given on: a plate of another size is refused. */
  width?: number;
  height?: number;
}

/** A correction of `baseVersion`, which must be the shot's latest. */
export interface CorrectionRequest {
  baseVersion: number;
  edits: Edit[];
  /** What is left out is as in the corrected job. */
  outputs?: OutputKind[];
  exports?: string[];
  mattes?: MatteFormat;
  tolerance?: number;
  template?: string;
  priority?: Priority;
  key?: string;
}

/** How far something is. `stage`: hashing and uploading count bytes, the others frames. */
export interface Doing {
  stage: string;
  done: number;
  total: number;
  /** 0..1 */
  fraction: number;
  message: string;
}

export const ENDED: readonly JobState[] = ["succeeded", "failed", "cancelled"];

/** Whether nothing more will happen to a job by itself. */
export function hasEnded(job: { state: JobState }): boolean {
  return ENDED.includes(job.state);
}
