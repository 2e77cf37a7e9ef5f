/**
 * What is kept in the project: a JSON object at the end of the layer's comment, behind the
 * artist's own words. It is saved, undone and copied with the layer.
 */

import type { JobRef, Json, LayerResults, MaskData } from "../contract/host";
import * as ae from "./ae";
import { problem } from "./problem";
import { readJson, toJson } from "./text";

const MARK = "[megaton-roto ";
const END = "]";
/** Characters (ASCII); a comment may have 15 999 bytes, some of which are the artist's. */
const MOST = 15000;

type Memory = { [key: string]: Json };

/** The masks a job put on a layer: name, roto layer id, shape id. */
export interface JobMasks extends JobRef {
  masks: [string, string, string][];
  /** The comment has no room for them: they are those of the job's mask data, by names and keys. */
  many?: boolean;
}

interface Comment {
  before: string;
  memory: Memory;
  after: string;
}

function parsed(comment: string): Comment {
  const at = comment.indexOf(MARK);
  if (at < 0) {
    return { before: comment, memory: {}, after: "" };
  }
  const read = readJson(comment, at + MARK.length);
  const rest = comment.substring(read.end);
  return {
    before: comment.substring(0, at),
    memory: read.value as Memory,
    after: rest.charAt(0) === END ? rest.substring(1) : rest
  };
}

let lastComment = "";
let lastMemory: Memory = {};

/** What a comment keeps, to be read only: the panel asks every second, mostly for the same. */
function known(comment: string): Memory {
  if (comment !== lastComment) {
    lastMemory = parsed(comment).memory;
    lastComment = comment;
  }
  return lastMemory;
}

export function recall(layer: AVLayer, key: string): Json {
  const memory = known(layer.comment);
  return memory.hasOwnProperty(key) ? memory[key] : null;
}

/** Keeps `value` (null forgets) and tells how long all that is kept is. Within an undo group. */
export function remember(layer: AVLayer, key: string, value: Json): number {
  const comment = parsed(layer.comment);
  if (value === null) {
    delete comment.memory[key];
  } else {
    comment.memory[key] = value;
  }
  const text = textOf(comment.memory);
  if (text.length > MOST) {
    throw problem(
      "too_large",
      "That is more than a layer's comment holds (" + text.length + " of " + MOST + " characters).",
      "Take results of old jobs off the layer, or use another copy of it for them."
    );
  }
  const empty = toJson(comment.memory) === "{}";
  const space = comment.before === "" || /\s$/.test(comment.before) ? "" : " ";
  layer.comment = comment.before + (empty ? "" : space + text) + comment.after;
  return text.length;
}

function textOf(memory: Memory): string {
  return MARK + toJson(memory) + END;
}

function fits(layer: AVLayer, key: string, value: Json): boolean {
  const memory = parsed(layer.comment).memory;
  memory[key] = value;
  return textOf(memory).length <= MOST;
}

// --- the masks of jobs

const MASKS = "masks";

export function jobMasks(layer: AVLayer): JobMasks[] {
  return (recall(layer, MASKS) as unknown as JobMasks[] | null) || [];
}

export function jobsOn(layer: AVLayer): JobRef[] {
  const jobs: JobRef[] = [];
  const kept = jobMasks(layer);
  for (let i = kept.length - 1; i >= 0; i--) {
    jobs.push({ job: kept[i].job, shot: kept[i].shot, version: kept[i].version });
  }
  return jobs;
}

/** The masks of a job, or of the newest; null where there are none. */
export function masksOfJob(layer: AVLayer, job?: string): JobMasks | null {
  const kept = jobMasks(layer);
  for (let i = kept.length - 1; i >= 0; i--) {
    if (job === undefined || kept[i].job === job) {
      return kept[i];
    }
  }
  return null;
}

/** Keeps a job's masks, as the newest; `instead` names a job that is forgotten. */
export function keepMasks(layer: AVLayer, masks: JobMasks, instead?: string): void {
  const kept: JobMasks[] = [];
  const before = jobMasks(layer);
  for (let i = 0; i < before.length; i++) {
    if (before[i].job !== masks.job && before[i].job !== instead) {
      kept.push(before[i]);
    }
  }
  kept.push(masks);
  if (!fits(layer, MASKS, kept as unknown as Json)) {
    kept[kept.length - 1] = {
      job: masks.job,
      shot: masks.shot,
      version: masks.version,
      masks: [],
      many: true
    };
  }
  remember(layer, MASKS, kept as unknown as Json);
}

/** A job's masks with what its mask data says of them, where the comment had no room. */
export function withData(job: JobMasks, data: MaskData[]): JobMasks {
  if (!job.many) {
    return job;
  }
  if (!data.length) {
    throw problem(
      "not_staged",
      "The masks of this job are too many to be known without its data.",
      "Fetch the result again."
    );
  }
  const masks: JobMasks["masks"] = [];
  for (let i = 0; i < data.length; i++) {
    masks.push([data[i].name, data[i].layer_id, data[i].shape_id]);
  }
  return { job: job.job, shot: job.shot, version: job.version, masks: masks };
}

export function forgetJob(layer: AVLayer, job: string): void {
  const kept: JobMasks[] = [];
  const before = jobMasks(layer);
  for (let i = 0; i < before.length; i++) {
    if (before[i].job !== job) {
      kept.push(before[i]);
    }
  }
  remember(layer, MASKS, kept.length ? (kept as unknown as Json) : null);
}

/** The project's layers that hold results. */
export function results(): LayerResults[] {
  const found: LayerResults[] = [];
  const comps = ae.project() ? ae.comps() : [];
  for (let i = 0; i < comps.length; i++) {
    for (let k = 1; k <= comps[i].numLayers; k++) {
      const layer = ae.asLayer(comps[i].layer(k));
      const jobs = layer && layer.comment.indexOf(MARK) >= 0 ? jobsOn(layer) : [];
      if (layer && jobs.length) {
        const at = { comp: comps[i].id, layer: layer.id };
        found.push({ at: at, compName: comps[i].name, layerName: layer.name, jobs: jobs });
      }
    }
  }
  return found;
}
