/** The longer ways to the farm, put together from the client's parts. */

import type { RotoClient } from "../../../client/src/client";
import type { RotoDocument } from "../../../client/src/document";
import { type Edits, editsFrom } from "../../../client/src/edits";
import { RotoError } from "../../../client/src/errors";
import type { Files } from "../../../client/src/files";
import type { Keys } from "../../../client/src/keys";
import type { UploadNotes } from "../../../client/src/notes";
import { PathMap } from "../../../client/src/paths";
import { fetchResult, objectNames, type Result, shapesOf } from "../../../client/src/results";
import { PATIENT } from "../../../client/src/retry";
import { Submitter } from "../../../client/src/submit";
import type { Doing, Job, Shot, SubmitRequest } from "../../../client/src/types";
import type { MaskFile, MasksNow } from "../../../contract/host";
import { PanelError } from "../errors";
import { span } from "../words";

export interface Going {
  tell: (doing: Doing) => void;
  signal: AbortSignal;
}

/** A request, and what our folders are called at the farm (`ours=theirs;...`). */
export interface Wish {
  request: SubmitRequest;
  pathRules: string;
}

export interface Farm {
  /** The shot of the request's plate, found or made, once it is ready. No prompts are needed. */
  prepare(client: RotoClient, wish: Wish, going: Going): Promise<Shot>;
  /** `prepare`, and the job. */
  submit(client: RotoClient, wish: Wish, going: Going): Promise<Job>;
  /** Masks of a job that succeeded, and its mattes if there is a folder to put them in. */
  result(client: RotoClient, job: Job, folder: string | null, going: Going): Promise<Result>;
  /** What a version was: its document, and its masks as they were handed to After Effects. */
  base(client: RotoClient, job: Job, signal: AbortSignal): Promise<Base>;
  /** What the artist changed. `frame`: only there, null: everywhere. */
  edits(base: Base, job: Job, now: MasksNow, frame: number | null): Edits;
}

export interface Base {
  document: RotoDocument;
  masks: MaskFile;
}

export class ClientFarm implements Farm {
  constructor(
    private readonly files: Files | null,
    private readonly notes: UploadNotes,
    private readonly keys: Keys,
  ) {}

  async prepare(client: RotoClient, wish: Wish, going: Going): Promise<Shot> {
    return (await this.submitter(client, wish, going).look(wish.request)).shot;
  }

  async submit(client: RotoClient, wish: Wish, going: Going): Promise<Job> {
    const submitter = this.submitter(client, wish, going);
    const prepared = await submitter.prepare(wish.request);
    return this.keys.send([client.server, wish.request], (key) =>
      submitter.send({ ...wish.request, key }, prepared),
    );
  }

  result(client: RotoClient, job: Job, folder: string | null, going: Going): Promise<Result> {
    return fetchResult(client, job.id, {
      signal: going.signal,
      watch: going.tell,
      ...(folder !== null && { files: this.files, folder, mattes: true }),
    });
  }

  async base(client: RotoClient, job: Job, signal: AbortSignal): Promise<Base> {
    const { document, masks } = await shapesOf(client, job.shot_id, job.version, { signal });
    if (document && masks) return { document, masks };
    throw new PanelError("The version has no shapes.", "Submit with masks ticked, and apply them.");
  }

  edits(base: Base, job: Job, now: MasksNow, frame: number | null): Edits {
    const { document, masks: given } = base;
    const input = { document, given, now: now.masks, objects: objectNames(job) };
    const all = editsFrom(input);
    if (frame === null) return all;
    checkTouched(all.edits, frame);
    return editsFrom({ ...input, only: [frame] });
  }

  private submitter(client: RotoClient, wish: Wish, { tell, signal }: Going): Submitter {
    const paths = PathMap.parse(wish.pathRules);
    const { files, notes } = this;
    return new Submitter(patient(client, tell), { files, paths, notes, signal, watch: tell });
  }
}

/** The client for long work: it waits for a server that is away, and tells of it. */
function patient(client: RotoClient, tell: Going["tell"]): RotoClient {
  return client.with(PATIENT, (error, pause) => {
    const message = error.asksForPatience
      ? `${error.message.replace(/\.$/, "")}; trying again in ${Math.round(pause / 1000)} s`
      : "The server does not answer; trying again";
    tell({ stage: "waiting", done: 0, total: 0, fraction: 0, message });
  });
}

/** Throws RotoError that says on which frames something was changed, if it was not on this one. */
export function checkTouched(edits: Edits["edits"], frame: number): void {
  const frames = [...new Set(edits.flatMap((one) => one.frames ?? []))].sort((a, b) => a - b);
  if (frames.length === 0 || frames.includes(frame)) return;
  const listed =
    frames.length > 6 ? span(frames[0]!, frames[frames.length - 1]!) : frames.join(", ");
  throw new RotoError(`Nothing was changed on frame ${frame}, but on ${listed}.`, {
    code: "no_objects",
    hint: "Go to a frame you changed, or press Send all my edits.",
  });
}
