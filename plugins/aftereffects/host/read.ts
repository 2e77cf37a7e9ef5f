/** A job's masks as they are now, for the way back to the farm. */

import type { At, MaskData, MaskNow, MasksNow } from "../contract/host";
import * as ae from "./ae";
import { readTrack } from "./keys";
import { dataOf, Match, matchMasks } from "./match";
import { JobMasks, jobMasks, masksOfJob, withData } from "./memory";
import { problem } from "./problem";
import { isPromptName } from "./names";
import { rowOf, Scale, scaleFor } from "./rows";
import { Ground, maskGround } from "./scene";
import { staged } from "./staging";

export function readMasks(input: At & { token?: string; job?: string }): MasksNow {
  const place = maskGround(input);
  const stage = input.token === undefined ? null : staged(input.token);
  const known = masksOfJob(place.layer, input.job);
  const job = known && withData(known, stage ? stage.masks : []);
  if (!job && input.job !== undefined) {
    throw problem(
      "masks_gone",
      "This layer has no masks of that job.",
      "Select the layer the masks were applied to, or apply them first."
    );
  }
  const width = stage ? stage.head.width : place.plate.width;
  const height = stage ? stage.head.height : place.plate.height;
  const scale = stage
    ? scaleFor(stage.head, place.plate.width, place.plate.height)
    : { x: 1, y: 1 };
  const now: MasksNow = {
    job: null,
    width: width,
    height: height,
    masks: [],
    missing: [],
    notes: []
  };
  const base = stage ? stage.masks : [];
  const found = job ? matched(place, job, base, scale, now) : [];
  const others = namesOfOthers(place.layer, job);
  for (let i = 1; i <= ae.masksOf(place.layer).numProperties; i++) {
    const mask = ae.maskAt(place.layer, i);
    const match = matchAt(found, i);
    if (match || !(isPromptName(mask.name) || others.hasOwnProperty("=" + mask.name))) {
      now.masks.push(maskNow(mask, i, match, base, place, scale, now.notes));
    }
  }
  return now;
}

/** Names of masks that came from other jobs: neither this job's nor drawn by hand. */
function namesOfOthers(layer: AVLayer, job: JobMasks | null): { [name: string]: boolean } {
  const others: { [name: string]: boolean } = {};
  const kept = jobMasks(layer);
  for (let i = 0; i < kept.length; i++) {
    for (let k = 0; (!job || kept[i].job !== job.job) && k < kept[i].masks.length; k++) {
      others["=" + kept[i].masks[k][0]] = true;
    }
  }
  return others;
}

function matched(
  place: Ground,
  job: JobMasks,
  base: MaskData[],
  scale: Scale,
  now: MasksNow
): Match[] {
  const matches = matchMasks(place.layer, place.clock, job, base, scale);
  now.job = { job: job.job, shot: job.shot, version: job.version };
  for (let i = 0; i < matches.missing.length; i++) {
    const lost = matches.missing[i];
    now.missing.push({ name: lost[0], layer_id: lost[1], shape_id: lost[2] });
  }
  return matches.found;
}

function matchAt(found: Match[], index: number): Match | null {
  for (let i = 0; i < found.length; i++) {
    if (found[i].index === index) {
      return found[i];
    }
  }
  return null;
}

function maskNow(
  mask: MaskPropertyGroup,
  index: number,
  match: Match | null,
  base: MaskData[],
  place: Ground,
  scale: Scale,
  notes: string[]
): MaskNow {
  const track = readTrack<Shape>(ae.pathProperty(mask) as Property, place.clock);
  const opacity = readTrack<number>(ae.opacityProperty(mask) as Property, place.clock);
  const keyed = ae.opacityProperty(mask).numKeys > 0;
  const feather = readTrack<[number, number]>(ae.featherProperty(mask) as Property, place.clock);
  const expansion = readTrack<number>(mask.property(ae.EXPANSION) as Property, place.clock);
  const data = match ? dataOf(base, ["", match.layerId, match.shapeId]) : null;
  const mode = ae.modeOf(mask);
  const points: number[][] = [];
  for (let i = 0; i < track.values.length; i++) {
    points.push(rowOf(track.values[i], scale));
  }
  addNotes(mask, mode === null, track.between, track.eased.length, feather.frames.length, notes);
  const first = track.values[0];
  return {
    name: mask.name,
    layer: data ? data.layer : "",
    layer_id: match ? match.layerId : "",
    shape_id: match ? match.shapeId : "",
    mode: mode || "add",
    inverted: mask.inverted,
    closed: first ? first.closed : true,
    color: mask.color,
    motion_blur: ae.hasMotionBlur(mask),
    feather: feather.values.length
      ? (feather.values[0][0] / scale.x + feather.values[0][1] / scale.y) / 2
      : 0,
    opacity: keyed
      ? { frames: opacity.frames, values: opacity.values, hold: opacity.hold }
      : opacity.values[0],
    frames: track.frames,
    hold: track.hold,
    points: points,
    index: index,
    foundBy: match ? match.foundBy : "none",
    expansion: expansion.values.length ? expansion.values[0] : 0,
    eased: track.eased
  };
}

function addNotes(
  mask: MaskPropertyGroup,
  strangeMode: boolean,
  between: number,
  eased: number,
  feathers: number,
  notes: string[]
): void {
  const name = 'The mask "' + mask.name + '" ';
  if (strangeMode) {
    notes.push(name + "has a mode that roto shapes do not know; it goes back as Add.");
  }
  if (between) {
    notes.push(name + "has " + between + " keys between two frames; they are left out.");
  }
  if (eased) {
    notes.push(name + "moves in eases, which go back as straight ways between its keys.");
  }
  if (feathers > 1) {
    notes.push(name + "has a keyed feather; its first value goes back.");
  }
  if (mask.rotoBezier) {
    notes.push(
      name +
        "is a RotoBezier, whose handles After Effects makes up: turn that off to keep its look."
    );
  }
}
