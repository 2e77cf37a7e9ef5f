/** Results of a job on this machine: masks, mattes, and which frames need the artist. */

import type { MaskFile } from "../../contract/host";
import { needsYou, type Stretch } from "./attention";
import { type Going, raiseUnlessSucceeded, type RotoClient } from "./client";
import type { RotoDocument } from "./document";
import { isObject, RotoError } from "./errors";
import { type Files, joined } from "./files";
import { jobEnded } from "./follow";
import { checkGoing } from "./retry";
import type { Doing, FrameRange, Job, Output, Shot } from "./types";

export const MASK_FORMAT = "aftereffects-data";
const STREAMS = 4;

/** An object's mattes on this machine, plate frames `first` to `last`. */
export interface Mattes {
  firstFile: string;
  first: number;
  last: number;
}

export interface Result {
  job: Job;
  shot: Shot;
  /** null where no shapes were wanted. */
  document: RotoDocument | null;
  masks: MaskFile | null;
  mattes: Record<string, Mattes>;
  /** Of a correction: layer id -> the ranges that were tracked again. */
  changed: Record<string, FrameRange[]> | null;
  /** Object -> the stretches that need the artist, worst first. */
  attention: Record<string, Stretch[]>;
  /** Where the mattes lie; "" without any. */
  folder: string;
}

export interface FetchOptions extends Going {
  /** With `folder`: fetch the mattes there. */
  files?: Files | null;
  folder?: string;
  mattes?: boolean;
  /** Stage "fetching", in bytes. */
  watch?: (doing: Doing) => void;
}

/** Everything a host applies of a job that has succeeded. Files that are there are kept. */
export async function fetchResult(
  client: RotoClient,
  jobId: string,
  options: FetchOptions = {},
): Promise<Result> {
  const going = { signal: options.signal };
  const job = raiseUnlessSucceeded(await client.job(jobId, going));
  const shot = await client.shot(job.shot_id, going);
  const outputs = await client.outputs(job.id, going);
  const shapes = await shapesOf(client, job.shot_id, job.version, going);
  const wanted = outputs.filter((output) => options.mattes && output.role === "matte");
  let folder = "";
  if (wanted.length > 0) {
    if (!options.files || !options.folder) {
      throw new RotoError("There is no folder to put mattes in.", {
        kind: "input",
        hint: "Choose a folder for results.",
      });
    }
    const version = `v${String(job.version).padStart(3, "0")}`;
    folder = joined(options.files, options.folder, `${shot.name}-${shot.id.slice(0, 8)}`, version);
    await fetchFiles(client, job.id, wanted, options.files, folder, options);
  }
  const byObject = changedOf(job);
  return {
    job,
    shot,
    ...shapes,
    mattes: options.files ? mattesOf(options.files, folder, wanted, job) : {},
    changed: byObject && byLayer(byObject, job),
    attention: await attentionOf(client, job, going),
    folder,
  };
}

/** A version's document, and the masks as a host gets them; both null where there are no shapes. */
export async function shapesOf(
  client: RotoClient,
  shotId: string,
  version: number,
  going: Going = {},
): Promise<{ document: RotoDocument | null; masks: MaskFile | null }> {
  let document: RotoDocument;
  try {
    document = await client.shapes(shotId, version, going);
  } catch (error) {
    if (error instanceof RotoError && error.kind === "not_found") {
      return { document: null, masks: null };
    }
    throw error;
  }
  return { document, masks: await masksOf(client, shotId, version, going) };
}

/**
 * The mask data of a version: what some job wrote already, else written now.
 *
 * The farm writes host formats, so that a page need not know how shapes become masks.
 */
async function masksOf(
  client: RotoClient,
  shotId: string,
  version: number,
  going: Going,
): Promise<MaskFile> {
  const jobs = await client.jobs({ shotId, ...going });
  for (const job of jobs) {
    if (shapesVersion(job) === version && job.state === "succeeded") {
      const found = (await client.outputs(job.id, going)).find(isMaskData);
      if (found) {
        return readMasks(client, job.id, found, going);
      }
    }
  }
  const written = await client.export(shotId, [MASK_FORMAT], version, going);
  await jobEnded(client, written.id, going);
  const found = (await client.outputs(written.id, going)).find(isMaskData);
  if (!found) {
    throw new RotoError("The farm wrote no mask data.", {
      kind: "server",
      hint: "Workers and server may be of different builds.",
    });
  }
  return readMasks(client, written.id, found, going);
}

/** Which version of the shapes a job wrote out; null where it wrote none. */
function shapesVersion(job: Job): unknown {
  // An export's own number counts on: what it wrote is another version's.
  if (job.kind === "export") {
    return job.params["shapes_version"];
  }
  return job.kind === "roto" ? job.version : null;
}

function isMaskData(output: Output): boolean {
  return output.format === MASK_FORMAT;
}

async function readMasks(
  client: RotoClient,
  jobId: string,
  output: Output,
  going: Going,
): Promise<MaskFile> {
  const bytes = await client.outputBytes(jobId, output.id, going);
  if (bytes.length !== output.size) {
    throw new RotoError(`${output.name} arrived with ${bytes.length} of ${output.size} bytes.`, {
      kind: "transfer",
      hint: "Try again.",
    });
  }
  const data: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (!isObject(data) || data["schema"] !== "megaton-roto/aftereffects/1") {
    throw new RotoError(`${output.name} holds no After Effects masks this plugin can read.`, {
      kind: "version",
    });
  }
  return data as unknown as MaskFile;
}

/**
 * Fetch `outputs` to `folder`, some at a time. A file is either complete and has the SHA-256 the
 * server names, or is not there.
 */
export async function fetchFiles(
  client: RotoClient,
  jobId: string,
  outputs: readonly Output[],
  files: Files,
  folder: string,
  options: Going & { watch?: (doing: Doing) => void } = {},
): Promise<string[]> {
  const total = outputs.reduce((sum, output) => sum + output.size, 0);
  const targets = outputs.map((output) => joined(files, folder, ...safeParts(output.name)));
  const waiting = [...outputs.entries()];
  let done = 0;
  const stream = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, output] = next;
      checkGoing(options.signal);
      await fetchFile(client, jobId, output, files, targets[index] ?? "", options);
      done += output.size;
      const fraction = total ? done / total : 1;
      options.watch?.({ stage: "fetching", done, total, fraction, message: output.name });
    }
  };
  try {
    await Promise.all(Array.from({ length: STREAMS }, stream));
  } finally {
    waiting.length = 0; // One that failed stops the others after the file they are at.
  }
  return targets;
}

async function fetchFile(
  client: RotoClient,
  jobId: string,
  output: Output,
  files: Files,
  target: string,
  going: Going,
): Promise<void> {
  if (await isThere(files, target, output, going)) {
    return;
  }
  const part = `${target}.part`;
  for (let chance = 0; chance < 2; chance++) {
    await files.write(part, await client.outputBytes(jobId, output.id, going));
    if (await isThere(files, part, output, going)) {
      await files.rename(part, target);
      return;
    }
    await files.remove(part);
  }
  throw new RotoError(`${output.name} arrived damaged twice.`, {
    kind: "transfer",
    hint: "Something between here and the server changes bytes; try another network.",
    detail: { name: output.name },
  });
}

async function isThere(files: Files, path: string, output: Output, going: Going): Promise<boolean> {
  const facts = await files.facts(path);
  if (!facts || facts.isFolder || facts.size !== output.size) {
    return false;
  }
  return output.sha256 === null || (await files.sha256(path, going.signal)) === output.sha256;
}

/** An output's name as parts of a path below the result folder; throws if it would leave it. */
export function safeParts(name: string): string[] {
  const parts = name.split("/");
  if (/[\\:\0]/.test(name) || parts.some((part) => part === "" || part === "." || part === "..")) {
    throw new RotoError(
      `The server names a result file ${JSON.stringify(name)}, which would lie outside the folder.`,
      { kind: "transfer", hint: "Do not trust this server; report it.", detail: { name } },
    );
  }
  return parts;
}

// --- what is known of a job

/** The stretches of a job that need the artist, by object; none of one that has not succeeded. */
export async function attentionOf(
  client: RotoClient,
  job: Job,
  going: Going = {},
): Promise<Record<string, Stretch[]>> {
  if (job.kind !== "roto" || job.state !== "succeeded") {
    return {};
  }
  const names = objectNames(job);
  const confidence = new Map<string, Map<number, number>>();
  for (const row of await client.masks(job.shot_id, { jobId: job.id, ...going })) {
    if (row.confidence !== null) {
      const frames = confidence.get(row.object_id) ?? new Map<number, number>();
      confidence.set(row.object_id, frames.set(row.frame, row.confidence));
    }
  }
  const found: Record<string, Stretch[]> = {};
  for (const [id, judged] of confidence) {
    const stretches = needsYou(judged);
    if (stretches.length > 0) {
      found[names[id] ?? id] = stretches;
    }
  }
  return found;
}

/** Object id -> name, in the order they were given. A document's layer has its object's id. */
export function objectNames(job: Job): Record<string, string> {
  const objects = job.params["objects"];
  const names: Record<string, string> = {};
  for (const one of Array.isArray(objects) ? (objects as unknown[]) : []) {
    if (isObject(one) && typeof one["name"] === "string") {
      names[typeof one["id"] === "string" ? one["id"] : one["name"]] = one["name"];
    }
  }
  return names;
}

function changedOf(job: Job): Record<string, FrameRange[]> | null {
  return job.base_version === null ? null : job.changed;
}

function byLayer(byObject: Record<string, FrameRange[]>, job: Job): Record<string, FrameRange[]> {
  const found: Record<string, FrameRange[]> = {};
  for (const [id, name] of Object.entries(objectNames(job))) {
    const ranges = byObject[name];
    if (ranges) {
      found[id] = ranges;
    }
  }
  return found;
}

function mattesOf(
  files: Files,
  folder: string,
  outputs: readonly Output[],
  job: Job,
): Record<string, Mattes> {
  const names = objectNames(job);
  const found: Record<string, Mattes> = {};
  const sorted = outputs.filter((output) => output.frame !== null && output.object_id !== null);
  sorted.sort((one, other) => (one.frame ?? 0) - (other.frame ?? 0));
  for (const output of sorted) {
    const name = names[output.object_id ?? ""];
    const frame = output.frame ?? 0;
    if (name === undefined) {
      continue;
    }
    const file = joined(files, folder, ...safeParts(output.name));
    const known = found[name];
    if (known) {
      known.last = frame;
    } else {
      found[name] = { firstFile: file, first: frame, last: frame };
    }
  }
  return found;
}
