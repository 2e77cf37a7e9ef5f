/** What the worker that read a plate has to say of it. The words are the worker's own. */

import { nominal, later } from "./timecode";

export interface Remark {
  code: string;
  level: "warning" | "info";
  message: string;
  detail: Record<string, unknown>;
}

/** A shot, or a version of its plate, as far as its reading goes. */
export interface Read {
  metadata: Record<string, unknown>;
  plate: { kind: string };
  fps: readonly [number, number] | null;
  frame_range: readonly [number, number] | null;
  colorspace: string | null;
}

/** What a remark is about: it is told beside it. */
export type About = "rate" | "colour" | "timecode" | "picture";

const ABOUT: Record<string, About> = {
  no_frame_rate: "rate",
  frame_rate_differs: "rate",
  non_integer_rate: "rate",
  odd_frame_rate: "rate",
  variable_frame_rate: "rate",
  colorspace_assumed: "colour",
  colorspace_differs: "colour",
  colorspace_unlikely: "colour",
  transfer_tagged: "colour",
  drop_frame_timecode: "timecode",
  timecode_jump: "timecode",
  timecode_beyond_rate: "timecode",
};

/** Above this rate the timecode of files labels two frames alike. */
const PAIRED = 30;

/** All that is remarked of it; servers and workers of before remark nothing. */
export function reportOf({ metadata }: Pick<Read, "metadata">): Remark[] {
  return Array.isArray(metadata.report) ? (metadata.report as Remark[]) : [];
}

/** What to look at before one relies on it; not what was remarked of a colour space of before. */
export function warningsOf(read: Pick<Read, "metadata" | "colorspace">): Remark[] {
  return reportOf(read).filter(({ level, detail }) => {
    const of = detail.told ?? detail.colorspace;
    return level === "warning" && (typeof of !== "string" || of === read.colorspace);
  });
}

export function aboutOf({ code }: Remark): About {
  return ABOUT[code] ?? "picture";
}

/** Frames a remark names: some of them, where there are many. */
export function framesIn({ detail }: Remark): number[] {
  return Array.isArray(detail.frames) ? detail.frames.filter((one) => typeof one === "number") : [];
}

/** What the files say by this name; "" where they say nothing. */
export function said(read: Pick<Read, "metadata">, name: string): string {
  const told = read.metadata[name];
  return typeof told === "string" ? told : "";
}

/** Timecode of the first and the last frame; of the first alone where the last is not known by counting. */
export function timecodesOf(read: Read): string[] {
  const first = said(read, "timecode");
  const { fps, frame_range: range, plate } = read;
  if (!first || !fps || !range) return first ? [first] : [];
  const counts = reportOf(read).every(({ code }) => !UNCOUNTED.has(code));
  const paired = plate.kind === "sequence" && nominal(fps) > PAIRED;
  const last = counts && !paired ? later(first, range[1] - range[0], fps) : "";
  return last ? [first, last] : [first];
}

const UNCOUNTED = new Set(["timecode_jump", "timecode_beyond_rate", "variable_frame_rate"]);
