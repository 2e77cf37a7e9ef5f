/** Previews: what prompts would give on their frame, within a second or two. Nothing is kept. */

import { RotoError } from "./errors";
import { saysSomething } from "./requests";
import { sleep, stopped } from "./retry";
import type { PreviewIn, PreviewObject, PreviewOut } from "./schema";
import type { Transport } from "./transport";
import type { FramePrompt, ObjectPrompts, Preview } from "./types";

export interface PreviewOptions {
  engine?: string;
  model?: string;
  /** Side of the engine's input in pixels. */
  imageSize?: number;
  /** Of a view that shows one preview at a time: a newer request supersedes the older one. */
  clientKey?: string;
  /** Milliseconds until the client gives up; the server does so after a minute. */
  patienceMs?: number;
  signal?: AbortSignal;
}

const PAUSE = 100;

/** The server's answer; see `RotoClient.preview`. */
export async function askPreview(
  transport: Transport,
  shotId: string,
  frame: number,
  prompts: readonly ObjectPrompts[],
  options: PreviewOptions,
): Promise<Preview> {
  const deadline = Date.now() + (options.patienceMs ?? 90_000);
  const { signal } = options;
  // Safe to send twice: the second one stands beside the first, or supersedes it.
  let answer = await transport.json<PreviewOut>("POST", `/shots/${shotId}/preview`, {
    body: previewBody(frame, prompts, options),
    idempotent: true,
    signal,
  });
  while (answer.state !== "done") {
    if (Date.now() > deadline) {
      const said = answer.message ? ` ${answer.message}` : "";
      throw new RotoError(`No preview of frame ${frame} came in time.${said}`, {
        kind: "farm",
        code: "preview_expired",
        hint: "Is a worker running? A busy farm answers previews between two frames of a shot.",
      });
    }
    await sleep(PAUSE, signal);
    answer = await transport.json<PreviewOut>("GET", `/shots/${shotId}/previews/${answer.id}`, {
      signal,
    });
  }
  if (signal?.aborted) {
    throw stopped();
  }
  return { ...answer, objects: answer.objects ?? [] };
}

/** The body of `POST shots/{id}/preview`. Throws `no_objects` where nothing is prompted. */
export function previewBody(
  frame: number,
  prompts: readonly ObjectPrompts[],
  options: PreviewOptions,
): PreviewIn {
  const objects: PreviewObject[] = [];
  for (const object of prompts) {
    const prompt = object.prompts.find((one) => one.frame === frame && canBeShown(one));
    if (prompt) {
      const { points, box, mask, outline } = prompt;
      objects.push({ name: object.name, points, box, mask, outline });
    }
  }
  if (objects.length === 0) {
    throw new RotoError(`Nothing is prompted on frame ${frame}.`, {
      code: "no_objects",
      hint: "Click on the object on this frame, or go to a frame that has prompts.",
    });
  }
  const { engine, model, imageSize, clientKey } = options;
  return { frame, objects, engine, model, image_size: imageSize, client_key: clientKey };
}

function canBeShown(prompt: FramePrompt): boolean {
  return !prompt.absent && saysSomething(prompt);
}
