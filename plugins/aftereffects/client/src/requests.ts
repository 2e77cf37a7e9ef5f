/** Bodies of the calls that make jobs, and what can be wrong with them before anything is sent. */

import { RotoError } from "./errors";
import type { CorrectionIn, PromptedObject, SegmentIn } from "./schema";
import type {
  CorrectionRequest,
  Edit,
  FramePrompt,
  FrameRange,
  ObjectPrompts,
  Shot,
  SubmitRequest,
} from "./types";

/** The body of `POST shots/{id}/segment`. */
export function segmentBody(request: SubmitRequest): SegmentIn {
  const edges = { detail: request.detail, refine: request.refine };
  return {
    objects: request.objects.map(objectBody),
    frame_range: request.frameRange,
    outputs: request.outputs ?? ["mattes", "shapes"],
    exports: request.exports ?? ["json"],
    mattes: request.mattes,
    engine: request.engine,
    model: request.model,
    image_size: request.imageSize,
    direction: request.direction,
    edges: request.detail === undefined && request.refine === undefined ? undefined : edges,
    tolerance: request.tolerance,
    layer_transform: request.layerTransform,
    template: request.template,
    priority: request.priority,
  };
}

function objectBody(object: ObjectPrompts): PromptedObject {
  return {
    name: object.name,
    prompts: object.prompts.filter(saysSomething),
    label: object.label || undefined,
    color: object.color,
    frame_range: object.frameRange,
  };
}

/** The body of `POST shots/{id}/corrections`. */
export function correctionBody(correction: CorrectionRequest): CorrectionIn {
  if (correction.edits.length === 0) {
    throw new RotoError(`Nothing differs from version ${correction.baseVersion}.`, {
      code: "no_objects",
      hint: "Move points on a frame that is wrong, or click on it; then correct from there.",
    });
  }
  return {
    base_version: correction.baseVersion,
    edits: correction.edits,
    outputs: correction.outputs,
    exports: correction.exports,
    mattes: correction.mattes,
    tolerance: correction.tolerance,
    template: correction.template,
    priority: correction.priority,
  };
}

/** Prompts given on a result as edits, each in place of what was said on its frame. */
export function promptEdits(objects: readonly ObjectPrompts[]): Edit[] {
  return objects
    .map(({ name, prompts }) => ({ object: name, prompts: prompts.filter(saysSomething) }))
    .filter((edit) => edit.prompts.length > 0);
}

/** What can be known before anything is sent. Throws `no_objects`, `bad_prompt`, `bad_request`. */
export function checkRequest(request: SubmitRequest): void {
  const said = request.objects.filter((one) => one.prompts.some(shows));
  if (said.length === 0) {
    throw new RotoError("There is no object to track.", {
      code: "no_objects",
      hint: "Give at least one positive click or a box.",
    });
  }
  const names = new Set<string>();
  for (const object of request.objects) {
    checkName(object.name);
    const folded = object.name.normalize("NFC").toLowerCase();
    if (names.has(folded)) {
      throw new RotoError(`There are two objects called ${JSON.stringify(object.name)}.`, {
        code: "bad_request",
        hint: "Give each object a name of its own.",
      });
    }
    names.add(folded);
    if (!object.prompts.some(shows)) {
      throw new RotoError(`Nothing shows where ${object.name} is.`, {
        code: "bad_prompt",
        hint: "Give it a positive click or a box on one frame, or take it off the list.",
        detail: { object: object.name },
      });
    }
  }
  if (request.frameRange) {
    checkPrompts(request, { frameRange: request.frameRange });
  }
}

/** What the plate's size and range decide. */
export function checkAgainstShot(request: SubmitRequest, shot: Shot): void {
  const there = shot.frame_range;
  const wanted = request.frameRange ?? there ?? undefined;
  if (there && wanted && (wanted[0] < there[0] || wanted[1] > there[1])) {
    throw new RotoError(
      `Frames ${wanted.join("-")} are asked for; the plate has ${there.join("-")}.`,
      { code: "range_outside_plate", hint: "Ask for frames the plate has." },
    );
  }
  const { width, height } = request;
  if (width && height && shot.width && shot.height) {
    if (width !== shot.width || height !== shot.height) {
      throw new RotoError(
        `The prompts were given on ${width} x ${height} pixels, but the plate has ` +
          `${shot.width} x ${shot.height}.`,
        {
          code: "bad_plate",
          hint: "Interpret the footage at its own size; a picture that was scaled has to be rendered.",
          detail: { host: [width, height], plate: [shot.width, shot.height] },
        },
      );
    }
  }
  checkPrompts(request, {
    frameRange: wanted,
    width: shot.width ?? undefined,
    height: shot.height ?? undefined,
  });
}

interface Bounds {
  frameRange?: FrameRange;
  width?: number;
  height?: number;
}

function checkPrompts(request: SubmitRequest, bounds: Bounds): void {
  for (const object of request.objects) {
    const [first, last] = within(bounds.frameRange, object.frameRange);
    for (const prompt of object.prompts.filter(saysSomething)) {
      if (prompt.frame < first || prompt.frame > last) {
        throw new RotoError(
          `${object.name}: the prompt on frame ${prompt.frame} lies outside ${first}-${last}.`,
          {
            code: "prompt_outside_range",
            hint: "Take it away, or ask for a range that has its frame.",
            detail: { frame: prompt.frame, object: object.name },
          },
        );
      }
      checkInside(object.name, prompt, bounds);
    }
  }
}

function checkInside(name: string, prompt: FramePrompt, bounds: Bounds): void {
  const { width = Infinity, height = Infinity } = bounds;
  for (const { x, y } of prompt.points ?? []) {
    if (!(x >= 0 && y >= 0 && x <= width && y <= height)) {
      throw new RotoError(
        `${name}: the click at ${x.toFixed(1)}, ${y.toFixed(1)} on frame ${prompt.frame} lies ` +
          `outside the plate.`,
        {
          code: "prompt_outside_plate",
          hint: `The plate has ${width} x ${height} pixels.`,
          detail: { frame: prompt.frame, object: name },
        },
      );
    }
  }
}

function within(range?: FrameRange, own?: FrameRange): FrameRange {
  const [first, last] = range ?? [-Infinity, Infinity];
  return own ? [Math.max(first, own[0]), Math.min(last, own[1])] : [first, last];
}

/** Whether a prompt says anything at all. */
export function saysSomething(prompt: FramePrompt): boolean {
  return Boolean(prompt.absent || prompt.points?.length || shows(prompt));
}

/** Whether it says where the object is. */
function shows(prompt: FramePrompt): boolean {
  const clicked = prompt.points?.some((point) => point.positive);
  return Boolean(
    !prompt.absent && (clicked || prompt.box || prompt.mask || prompt.outline?.length),
  );
}

const NAME = /^[\p{L}\p{N}\p{M}_\-. ]{1,100}$/u;
const DEVICE = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?$/i;

/** Throws `bad_request` unless a project, shot or object may be called so (naming.py). */
export function checkName(name: string): void {
  const bytes = new TextEncoder().encode(name).length;
  if (!NAME.test(name) || /^[. ]|[. ]$/.test(name) || DEVICE.test(name) || bytes > 200) {
    throw new RotoError(`${JSON.stringify(name)} cannot be a name.`, {
      code: "bad_request",
      hint: "Use letters, digits, _ - . and spaces (not at the ends), at most 100 of them.",
    });
  }
}

/** `text` as a name of ours: odd characters become `_`, none at the ends. */
export function asName(text: string): string {
  return text
    .replace(/[^\p{L}\p{N}\p{M}_\-. ]+/gu, "_")
    .slice(0, 100)
    .replace(/^[ ._-]+|[ ._-]+$/g, "");
}
