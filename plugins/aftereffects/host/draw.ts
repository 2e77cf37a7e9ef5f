/** Masks drawn on a layer, and those of a job taken off it. */

import type { Applied, Apply, JobRef, MaskData } from "../contract/host";
import * as ae from "./ae";
import { Clock } from "./clock";
import { setTrack } from "./keys";
import { forgetJob, JobMasks, jobMasks, keepMasks, masksOfJob, withData } from "./memory";
import { problem } from "./problem";
import { scaleFor, Scale, shapeOf } from "./rows";
import { openGround } from "./scene";
import { staged } from "./staging";

export function applyMasks(input: Apply): Applied {
  const began = new Date().getTime();
  const place = openGround(input);
  const stage = staged(input.token);
  const from = input.from || 0;
  const masks = stage.masks.slice(
    from,
    input.count === undefined ? stage.masks.length : from + input.count
  );
  if (!masks.length) {
    throw problem("bad_call", "There are no masks to apply.", "Fetch the result again.");
  }
  const scale = scaleFor(stage.head, place.plate.width, place.plate.height);
  const old = input.replace && from === 0 ? jobsOfShot(place.layer, input.job, stage.masks) : [];
  refuseLockedMasks(place.layer, old);
  const part =
    masks.length < stage.masks.length
      ? " (" + (from + 1) + " to " + (from + masks.length) + ")"
      : "";
  return ae.undoable("Megaton Roto masks" + part, function () {
    const removed = removeJobs(place.layer, old);
    const drawn = drawMasks(place.layer, place.clock, masks, scale);
    const before = from > 0 ? masksOfJob(place.layer, input.job.job) : null;
    keepMasks(place.layer, {
      job: input.job.job,
      shot: input.job.shot,
      version: input.job.version,
      masks:
        before && before.many
          ? identitiesOf(stage.masks)
          : (before ? before.masks : []).concat(identities(masks, drawn))
    });
    const applied: Applied = { masks: [], keys: 0, removed: removed, ms: 0 };
    for (let i = 0; i < masks.length; i++) {
      applied.masks.push({
        layer_id: masks[i].layer_id,
        shape_id: masks[i].shape_id,
        name: drawn[i]
      });
      applied.keys += masks[i].frames.length;
    }
    applied.ms = new Date().getTime() - began;
    return applied;
  });
}

function identitiesOf(masks: MaskData[]): [string, string, string][] {
  const names: string[] = [];
  for (let i = 0; i < masks.length; i++) {
    names.push(masks[i].name);
  }
  return identities(masks, names);
}

function identities(masks: MaskData[], names: string[]): [string, string, string][] {
  const made: [string, string, string][] = [];
  for (let i = 0; i < masks.length; i++) {
    made.push([names[i], masks[i].layer_id, masks[i].shape_id]);
  }
  return made;
}

/** New masks at the end, in order; returns the names they got. All are added before any is filled,
 * since every added mask makes the references to the others stale. */
export function drawMasks(layer: AVLayer, clock: Clock, masks: MaskData[], scale: Scale): string[] {
  const taken = takenNames(layer);
  const indices: number[] = [];
  for (let i = 0; i < masks.length; i++) {
    indices.push(ae.masksOf(layer).addProperty(ae.MASK).propertyIndex);
  }
  const names: string[] = [];
  for (let i = 0; i < masks.length; i++) {
    const name = freeName(masks[i].name, taken);
    taken["=" + name] = true;
    names.push(name);
    fill(ae.maskAt(layer, indices[i]), masks[i], name, clock, scale);
  }
  return names;
}

type Names = { [name: string]: boolean };

function takenNames(layer: AVLayer): Names {
  const taken: Names = {};
  const parade = ae.masksOf(layer);
  for (let i = 1; i <= parade.numProperties; i++) {
    taken["=" + parade.property(i).name] = true;
  }
  return taken;
}

function freeName(name: string, taken: Names): string {
  const wanted = name || "roto";
  let free = wanted;
  for (let n = 2; taken.hasOwnProperty("=" + free); n++) {
    free = wanted + " " + n;
  }
  return free;
}

function fill(
  mask: MaskPropertyGroup,
  data: MaskData,
  name: string,
  clock: Clock,
  scale: Scale
): void {
  const shapes: Shape[] = [];
  for (let i = 0; i < data.points.length; i++) {
    shapes.push(shapeOf(data.points[i], data.closed, scale));
  }
  mask.name = name;
  ae.setMode(mask, data.mode);
  mask.inverted = data.inverted;
  mask.rotoBezier = false;
  mask.color = [data.color[0], data.color[1], data.color[2]];
  ae.setMotionBlur(mask, data.motion_blur);
  setTrack(ae.pathProperty(mask) as Property, clock, {
    frames: data.frames,
    values: shapes,
    hold: data.hold
  });
  if (data.feather > 0) {
    ae.featherProperty(mask).setValue([data.feather * scale.x, data.feather * scale.y]);
  }
  const opacity = ae.opacityProperty(mask);
  if (typeof data.opacity === "number") {
    opacity.setValue(data.opacity);
  } else {
    setTrack(opacity as Property, clock, data.opacity);
  }
}

// --- taking off

/** Removes the masks that have these names; returns the place of the first, and how many went. */
export function removeNamed(layer: AVLayer, names: string[]): { first: number; count: number } {
  const gone: Names = {};
  for (let i = 0; i < names.length; i++) {
    gone["=" + names[i]] = true;
  }
  const found = { first: 0, count: 0 };
  for (let i = ae.masksOf(layer).numProperties; i >= 1; i--) {
    const mask = ae.maskAt(layer, i);
    if (gone.hasOwnProperty("=" + mask.name)) {
      mask.remove();
      found.first = i;
      found.count++;
    }
  }
  return found;
}

export function refuseLocked(mask: MaskPropertyGroup): void {
  if (mask.locked) {
    throw problem(
      "mask_locked",
      'The mask "' + mask.name + '" is locked.',
      "Unlock it and try again."
    );
  }
}

/** Before anything is changed: half a result is worse than none. */
function refuseLockedMasks(layer: AVLayer, jobs: JobMasks[]): void {
  const names = nameSet(jobs);
  for (let i = 1; i <= ae.masksOf(layer).numProperties; i++) {
    const mask = ae.maskAt(layer, i);
    if (names.hasOwnProperty("=" + mask.name)) {
      refuseLocked(mask);
    }
  }
}

function nameSet(jobs: JobMasks[]): Names {
  const names: Names = {};
  for (let i = 0; i < jobs.length; i++) {
    for (let k = 0; k < jobs[i].masks.length; k++) {
      names["=" + jobs[i].masks[k][0]] = true;
    }
  }
  return names;
}

/** Earlier jobs of the same shot on the layer, and this one if it is there already. */
function jobsOfShot(layer: AVLayer, job: JobRef, data: MaskData[]): JobMasks[] {
  const kept = jobMasks(layer);
  const found: JobMasks[] = [];
  for (let i = 0; i < kept.length; i++) {
    if (kept[i].shot === job.shot || kept[i].job === job.job) {
      found.push(withData(kept[i], data));
    }
  }
  return found;
}

function removeJobs(layer: AVLayer, jobs: JobMasks[]): number {
  let removed = 0;
  for (let i = 0; i < jobs.length; i++) {
    removed += removeNamed(layer, namesOf(jobs[i])).count;
    forgetJob(layer, jobs[i].job);
  }
  return removed;
}

function namesOf(job: JobMasks): string[] {
  const names: string[] = [];
  for (let i = 0; i < job.masks.length; i++) {
    names.push(job.masks[i][0]);
  }
  return names;
}
