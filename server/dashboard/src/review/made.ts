/** Which mattes of a job can be there: those that cannot are not asked for, hundreds of times in vain. */

import { Problem } from "../api/problem";

/** How a job stands that has not succeeded. */
export interface Making {
  /** What of its mattes was taken over at the beginning is there, however far it is. */
  corrects: boolean;
  lives: boolean;
}

/** How many frames are asked for that may be missing: the one that is shown, and the one after it, to play on. */
const MISSING = 2;

/** Why a matte was not asked for. */
export const NOT_MADE = new Problem(404, { code: "not_found", message: "It has not been made." });

/**
 * Whether the matte of an object on `frame` can be there: tracking goes outward from `prompts`, a frame a
 * step, and `done` steps were told.
 */
export function mayBeThere(making: Making, prompts: readonly number[], frame: number, done: number): boolean {
  if (making.corrects) return true;
  return prompts.some((prompt) => Math.abs(frame - prompt) < done);
}

/** The mattes to ask for, of frames in the order they are needed: not past those that have not come. */
export function askedOf(frames: readonly (readonly string[])[], has: (address: string) => boolean): string[] {
  let missing = 0;
  const until = frames.findIndex((addresses) => !addresses.every(has) && (missing += 1) >= MISSING);
  return (until < 0 ? frames : frames.slice(0, until + 1)).flat();
}
