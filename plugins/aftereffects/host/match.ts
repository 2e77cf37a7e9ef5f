/** Which mask on the layer is which shape of a job: by name, else by keys nobody has touched. */

import type { MaskData } from "../contract/host";
import * as ae from "./ae";
import { Clock, frameAt } from "./clock";
import { JobMasks } from "./memory";
import { rowOf, Scale } from "./rows";

/** Pixels: more than numbers lose in a project, less than a hand moves. */
const SAME = 0.001;
/** Keys looked at to know a mask again. */
const SAMPLES = 5;

export interface Match {
  /** Place of the mask among the layer's. */
  index: number;
  layerId: string;
  shapeId: string;
  foundBy: "name" | "keys";
}

export interface Matches {
  found: Match[];
  missing: [string, string, string][];
}

export function matchMasks(
  layer: AVLayer,
  clock: Clock,
  job: JobMasks,
  base: MaskData[],
  scale: Scale
): Matches {
  const free: { [index: string]: string } = {};
  const count = ae.masksOf(layer).numProperties;
  for (let i = 1; i <= count; i++) {
    free[String(i)] = ae.maskAt(layer, i).name;
  }
  const result: Matches = { found: [], missing: [] };
  const lost: [string, string, string][] = [];
  for (let i = 0; i < job.masks.length; i++) {
    const own = job.masks[i];
    const index = named(free, own[0]);
    if (index) {
      delete free[String(index)];
      result.found.push({ index: index, layerId: own[1], shapeId: own[2], foundBy: "name" });
    } else {
      lost.push(own);
    }
  }
  for (let i = 0; i < lost.length; i++) {
    const data = dataOf(base, lost[i]);
    const index = data ? alike(layer, clock, free, data, scale) : 0;
    if (index) {
      delete free[String(index)];
      result.found.push({
        index: index,
        layerId: lost[i][1],
        shapeId: lost[i][2],
        foundBy: "keys"
      });
    } else {
      result.missing.push(lost[i]);
    }
  }
  return result;
}

function named(free: { [index: string]: string }, name: string): number {
  for (const index in free) {
    if (free.hasOwnProperty(index) && free[index] === name) {
      return parseInt(index, 10);
    }
  }
  return 0;
}

export function dataOf(masks: MaskData[], own: [string, string, string]): MaskData | null {
  for (let i = 0; i < masks.length; i++) {
    if (masks[i].layer_id === own[1] && masks[i].shape_id === own[2]) {
      return masks[i];
    }
  }
  return null;
}

function alike(
  layer: AVLayer,
  clock: Clock,
  free: { [index: string]: string },
  data: MaskData,
  scale: Scale
): number {
  for (const index in free) {
    if (
      free.hasOwnProperty(index) &&
      sharesKey(ae.maskAt(layer, parseInt(index, 10)), clock, data, scale)
    ) {
      return parseInt(index, 10);
    }
  }
  return 0;
}

function sharesKey(mask: MaskPropertyGroup, clock: Clock, data: MaskData, scale: Scale): boolean {
  const path = ae.pathProperty(mask);
  if (path.numKeys === 0) {
    return data.frames.length === 1 && sameRow(rowOf(path.value, scale), data.points[0]);
  }
  const step = Math.max(1, Math.floor(data.frames.length / SAMPLES));
  for (let i = 0; i < data.frames.length; i += step) {
    const key = path.nearestKeyIndex(
      (clock.start + data.frames[i] - clock.firstFrame) * clock.frameDuration
    );
    const there = frameAt(clock, path.keyTime(key)) === data.frames[i];
    if (there && sameRow(rowOf(path.keyValue(key), scale), data.points[i])) {
      return true;
    }
  }
  return false;
}

export function sameRow(a: number[], b: number[]): boolean {
  if (a.length !== b.length) {
    return false;
  }
  for (let i = 0; i < a.length; i++) {
    if (Math.abs(a[i] - b[i]) > SAME) {
      return false;
    }
  }
  return true;
}
