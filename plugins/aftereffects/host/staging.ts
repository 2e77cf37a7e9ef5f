/** Masks on their way from the panel: handed over in pieces, kept until they are drawn. */

import type { MaskData, MaskHead, Staged } from "../contract/host";
import { problem } from "./problem";
import { checkMask } from "./rows";

export interface Stage {
  head: MaskHead;
  masks: MaskData[];
}

const stages: { [token: string]: Stage } = {};
const SCHEMA = "megaton-roto/aftereffects/1";

export function stage(input: Staged): { masks: number } {
  if (input.head) {
    if (input.head.schema !== SCHEMA) {
      throw problem(
        "bad_data",
        'These masks are of the kind "' + input.head.schema + '", which this panel does not know.',
        "Install the panel that comes with the server."
      );
    }
    stages[input.token] = { head: input.head, masks: [] };
  }
  const own = staged(input.token);
  for (let i = 0; i < input.masks.length; i++) {
    checkMask(input.masks[i]);
    own.masks.push(input.masks[i]);
  }
  return { masks: own.masks.length };
}

export function unstage(input: { token: string }): { masks: number } {
  const count = stages.hasOwnProperty(input.token) ? stages[input.token].masks.length : 0;
  delete stages[input.token];
  return { masks: count };
}

/** What was staged under a token. Throws when nothing was. */
export function staged(token: string): Stage {
  if (!stages.hasOwnProperty(token)) {
    throw problem(
      "not_staged",
      "The masks did not reach After Effects.",
      "Apply the result again."
    );
  }
  return stages[token];
}
