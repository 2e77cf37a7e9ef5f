/**
 * The heat strip: a column a frame, by how sure the engine is and how much the area changes. Where it
 * is worst is what one looks at first; many frames share a column when there is no room.
 */

import { percent } from "./rates";

export interface StripObject {
  confidence: readonly (number | null)[];
  area: readonly (number | null)[];
}

/** Frames that the strip marks, by what the mark says. */
export type Marks = readonly (readonly [said: string, frames: readonly number[]])[];

export type Heat = "unknown" | "sure" | "fair" | "doubtful" | "bad";

export const SURE = 0.85;
const FAIR = 0.7;
const DOUBTFUL = 0.5;

/** How an area that grew or shrank by this factor within a frame counts, as a confidence. */
const CALM = 1.15;
const WILD = 2;

/** The worst confidence of the objects on each frame; null where nothing is known. */
export function worst(objects: readonly StripObject[], frames: number): (number | null)[] {
  return Array.from({ length: frames }, (_, index) => {
    const known = objects.map((one) => one.confidence[index]).filter((one) => typeof one === "number");
    return known.length ? Math.min(...known) : null;
  });
}

/** How much the area changes to each frame from the one before, 0 (not) to 1 (doubles, halves, goes, appears). */
export function change(objects: readonly StripObject[], frames: number): number[] {
  return Array.from({ length: frames }, (_, index) =>
    Math.max(0, ...objects.map((one) => strengthOf(factorOf(one, index)))),
  );
}

/** The area by that of the frame before: 0 where it is gone, infinite where it appears, 1 where either is unknown. */
function factorOf({ area }: StripObject, index: number): number {
  const [before, now] = [area[index - 1] ?? null, area[index] ?? null];
  return before === null || now === null || before === now ? 1 : now / before;
}

/** How many times, whichever way. */
function extent(factor: number): number {
  return Math.max(factor, 1 / factor);
}

function strengthOf(factor: number): number {
  const strength = Math.log(extent(factor) / CALM) / Math.log(WILD / CALM);
  return Math.min(Math.max(strength, 0), 1);
}

/** As "area × 3.00"; "area gone" and "area appears" where it comes to nothing, or of nothing. */
function saidOf(factor: number): string {
  if (factor === 0) return "area gone";
  return Number.isFinite(factor) ? `area × ${factor.toFixed(2)}` : "area appears";
}

/** What a frame's column shows, in figures: "confidence 40 %, area × 3.00"; what is not known is left out. */
export function figuresOf(confidence: number | null, objects: readonly StripObject[], index: number): string {
  const told = confidence === null ? [] : [`confidence ${percent(confidence)}`];
  const wildest = objects.map((one) => factorOf(one, index)).reduce((most, one) => (extent(one) > extent(most) ? one : most), 1);
  if (strengthOf(wildest) > 0) told.push(saidOf(wildest));
  return told.join(", ");
}

/** What the marks of a frame stand for: "prompt, note". */
export function marksOf(marks: Marks, frame: number): string {
  return marks.filter(([, frames]) => frames.includes(frame)).map(([said]) => said).join(", ");
}

export function heatOf(confidence: number | null): Heat {
  if (confidence === null) return "unknown";
  if (confidence >= SURE) return "sure";
  if (confidence >= FAIR) return "fair";
  return confidence >= DOUBTFUL ? "doubtful" : "bad";
}

/** The frames to look at first: of each run of doubtful ones the worst, worst first. */
export function toLookAt(confidence: readonly (number | null)[], first: number, below = FAIR): number[] {
  const found: { frame: number; value: number }[] = [];
  let run: { frame: number; value: number } | null = null;
  confidence.forEach((value, index) => {
    if (value === null || value >= below) {
      if (run) found.push(run);
      run = null;
    } else if (!run || value < run.value) {
      run = { frame: first + index, value };
    }
  });
  if (run) found.push(run);
  return found.sort((a, b) => a.value - b.value).map((one) => one.frame);
}

/** The values of frames `from` on as those of `first` to `last`; null where there is none. */
export function aligned(
  values: readonly (number | null)[],
  from: number,
  first: number,
  last: number,
): (number | null)[] {
  return Array.from({ length: last - first + 1 }, (_, index) => values[first + index - from] ?? null);
}
