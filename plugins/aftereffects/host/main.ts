/** `MegatonRoto.call(name, input)`: what the panel calls. It answers with the text of a reply. */

import type { At, Json } from "../contract/host";
import * as ae from "./ae";
import { applyMasks } from "./draw";
import { importMatte } from "./matte";
import { recall, remember, results } from "./memory";
import { saveFrame } from "./picture";
import { asProblem, problem } from "./problem";
import { prompts } from "./prompts";
import { readMasks } from "./read";
import { anyLayer, describe, goTo } from "./scene";
import { selftest } from "./selftest";
import { stage, unstage } from "./staging";
import { toJson } from "./text";
import { updateMasks } from "./update";

function rememberCall(input: At & { key: string; value: Json }): { bytes: number } {
  const layer = anyLayer(input);
  if (layer.locked) {
    throw problem("locked", "The layer is locked.", "Unlock it in the timeline.");
  }
  return ae.undoable("Megaton Roto notes", function () {
    return { bytes: remember(layer, "panel:" + input.key, input.value) };
  });
}

function recallCall(input: At & { key: string }): Json {
  return recall(anyLayer(input), "panel:" + input.key);
}

const CALLS: { [name: string]: (input: never) => unknown } = {
  describe: describe,
  prompts: prompts,
  goTo: goTo,
  saveFrame: saveFrame,
  stage: stage,
  unstage: unstage,
  applyMasks: applyMasks,
  updateMasks: updateMasks,
  readMasks: readMasks,
  importMatte: importMatte,
  remember: rememberCall,
  recall: recallCall,
  results: results,
  selftest: selftest
};

export function call(name: string, input: never): string {
  try {
    if (!CALLS.hasOwnProperty(name)) {
      throw problem(
        "bad_call",
        'The host does not know "' + name + '".',
        "Close and open the panel; is it the newest one?"
      );
    }
    return '{"ok":true,"value":' + toJson(CALLS[name](input)) + "}";
  } catch (thrown) {
    return '{"ok":false,"error":' + toJson(asProblem(thrown)) + "}";
  }
}
