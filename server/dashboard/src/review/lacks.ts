/** What a frame is shown without, and what that says to whoever looks. */

import { mayPass, problemOf } from "../api/problem";
import { NOT_MADE } from "./made";
import type { Overlay } from "./player";

export interface Lack {
  /** The object whose matte it is; null: the plate's picture. */
  object: string | null;
  why: unknown;
  /** The version whose matte it is, and whether its job may make it yet. */
  version?: number;
  lives?: boolean;
}

export interface Told {
  text: string;
  /** Whether it can help to ask again; what comes by itself needs nobody. */
  again: boolean;
}

/** Null when all is there that the overlay shows. */
export function toldOf(lacks: readonly Lack[], frame: number, overlay: Overlay): Told | null {
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
  if (overlay === "plate") return null;
  const untracked = lacks.filter(({ lives }) => lives);
  const never = lacks.filter(({ object, lives }) => object !== null && !lives);
  if (!never.length) return untracked.length ? { text: `Frame ${frame} is not tracked yet: ${namesOf(untracked)}.`, again: false } : null;
  const texts = [...Map.groupBy(never, ({ version }) => version)].map(
    ([version, of]) => `v${version} has no matte of ${namesOf(of)} on frame ${frame}.`,
  );
  return { text: texts.join(" "), again: never.some(({ why }) => why !== NOT_MADE) };
}

function namesOf(lacks: readonly Lack[]): string {
  return [...new Set(lacks.flatMap(({ object }) => object ?? []))].join(", ");
}
