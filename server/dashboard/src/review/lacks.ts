/** What a frame is shown without, and what that says to whoever looks. */

import { mayPass, problemOf } from "../api/problem";
import type { Overlay } from "./player";

export interface Lack {
  /** The object whose matte it is; null: the plate's picture. */
  object: string | null;
  why: unknown;
}

export interface Told {
  text: string;
  /** Whether it can help to ask again; what comes by itself needs nobody. */
  again: boolean;
}

/** Null when all is there that the overlay shows. `tracks`: the version's job has not ended. */
export function toldOf(lacks: readonly Lack[], frame: number, overlay: Overlay, tracks: boolean): Told | null {
  const passing = lacks.find(({ why }) => mayPass(why));
  if (passing) {
    const { message } = problemOf(passing.why);
    return { text: `${message} Frame ${frame} is asked for again by itself.`, again: false };
  }
  const plate = lacks.find(({ object }) => object === null);
  if (plate && overlay !== "matte") {
    const text = `The server has no picture of frame ${frame} of the plate: ${problemOf(plate.why).message} `;
    return { text: `${text}A new version of the plate has its pictures made anew.`, again: true };
  }
  const names = [...new Set(lacks.flatMap(({ object }) => object ?? []))].join(", ");
  if (!names || overlay === "plate") return null;
  if (tracks) return { text: `Frame ${frame} is not tracked yet: ${names}.`, again: false };
  return { text: `This version has no matte of ${names} on frame ${frame}.`, again: true };
}
