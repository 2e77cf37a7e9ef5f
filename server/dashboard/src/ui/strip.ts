/**
 * The heat strip: a column a frame, by how sure the engine is and how much the area changes. Where it
 * is worst is what one looks at first; many frames share a column when there is no room.
 */

import { percent } from "./rates";

export interface StripObject {
  confidence: readonly (number | null)[];
  area: readonly (number | null)[];
}

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

/** How much the area changes to each frame from the one before, 0 (not) to 1 (doubles, halves). */
export function change(objects: readonly StripObject[], frames: number): number[] {
  return Array.from({ length: frames }, (_, index) =>
    Math.max(0, ...objects.map(({ area }) => step(area[index - 1], area[index]))),
  );
}

function step(before: number | null | undefined, now: number | null | undefined): number {
  if (!before || !now) return 0;
  const factor = Math.max(now / before, before / now);
  const strength = Math.log(factor / CALM) / Math.log(WILD / CALM);
  return Math.min(Math.max(strength, 0), 1);
}

/** What a frame's column shows, in figures: "confidence 40 %, area × 3.00"; what is not known is left out. */
export function figuresOf(confidence: number | null, objects: readonly StripObject[], index: number): string {
  const told = confidence === null ? [] : [`confidence ${percent(confidence)}`];
  const [wildest] = objects
    .map(({ area }) => ({ strength: step(area[index - 1], area[index]), factor: Number(area[index]) / Number(area[index - 1]) }))
    .sort((a, b) => b.strength - a.strength);
  if (wildest && wildest.strength > 0) told.push(`area × ${wildest.factor.toFixed(2)}`);
  return told.join(", ");
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
