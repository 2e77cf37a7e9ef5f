/** A correction's shapes into masks an artist has worked on: only what was tracked again is new. */

import type { MaskData, Update, Updated } from "../contract/host";
import * as ae from "./ae";
import { drawMasks, refuseLocked, removeNamed } from "./draw";
import { holdAtNewTopology, indexOf, inSpans, replaceKeys, Span, Track } from "./keys";
import { dataOf, Match, Matches, matchMasks, sameRow } from "./match";
import { JobMasks, keepMasks, masksOfJob, withData } from "./memory";
import { problem } from "./problem";
import { rowOf, Scale, scaleFor, shapeOf } from "./rows";
import { Ground, openGround } from "./scene";
import { staged, Stage } from "./staging";

export function updateMasks(input: Update): Updated {
  const began = new Date().getTime();
  const place = openGround(input);
  const stage = staged(input.token);
  const old = input.baseToken === undefined ? [] : staged(input.baseToken).masks;
  const known = masksOfJob(place.layer, input.base);
  if (!known) {
    throw problem(
      "masks_gone",
      "The layer does not know the masks that were corrected.",
      "Apply the new masks instead; the old ones can be deleted."
    );
  }
  const base = withData(known, stage.masks);
  const scale = scaleFor(stage.head, place.plate.width, place.plate.height);
  refuseLockedMasks(place, base, stage, scale, input.changed);
  const done: Updated = { updated: 0, keys: 0, rebuilt: 0, removed: 0, spared: 0, ms: 0 };
  const work = { place: place, base: base, stage: stage, old: old, scale: scale, done: done };
  ae.undoable("Megaton Roto correction", function () {
    const identities = untouched(place, base, stage, scale, input.changed);
    for (const layerId in input.changed) {
      if (input.changed.hasOwnProperty(layerId)) {
        updateLayer(work, layerId, input.changed[layerId], identities);
      }
    }
    const job = input.job;
    keepMasks(
      place.layer,
      { job: job.job, shot: job.shot, version: job.version, masks: identities },
      input.base
    );
  });
  done.ms = new Date().getTime() - began;
  return done;
}

/** A correction on its way: `old` is the mask data of the job whose masks are on the layer. */
interface Work {
  place: Ground;
  base: JobMasks;
  stage: Stage;
  old: MaskData[];
  scale: Scale;
  done: Updated;
}

/** Before anything is changed: half a correction is worse than none. */
function refuseLockedMasks(
  place: Ground,
  base: JobMasks,
  stage: Stage,
  scale: Scale,
  changed: { [layerId: string]: Span[] }
): void {
  const found = matchMasks(place.layer, place.clock, base, stage.masks, scale).found;
  for (let i = 0; i < found.length; i++) {
    if (changed.hasOwnProperty(found[i].layerId)) {
      refuseLocked(ae.maskAt(place.layer, found[i].index));
    }
  }
}

type Identity = [string, string, string];

/** The masks of layers that were not tracked again, under the names they have now. */
function untouched(
  place: Ground,
  base: JobMasks,
  stage: Stage,
  scale: Scale,
  changed: { [layerId: string]: Span[] }
): Identity[] {
  const kept: Identity[] = [];
  const matches = matchMasks(place.layer, place.clock, base, stage.masks, scale);
  for (let i = 0; i < matches.found.length; i++) {
    const match = matches.found[i];
    if (!changed.hasOwnProperty(match.layerId)) {
      kept.push([ae.maskAt(place.layer, match.index).name, match.layerId, match.shapeId]);
    }
  }
  return kept;
}

function updateLayer(work: Work, layerId: string, spans: Span[], identities: Identity[]): void {
  const place = work.place;
  const base = work.base;
  const stage = work.stage;
  const scale = work.scale;
  const done = work.done;
  const fresh = ofLayer(stage.masks, layerId);
  const found = onlyLayer(matchMasks(place.layer, place.clock, base, stage.masks, scale), layerId);
  const names: { [shapeId: string]: string } = {};
  const gone: string[] = [];
  for (let i = 0; i < found.length; i++) {
    const mask = ae.maskAt(place.layer, found[i].index);
    const data = dataOf(fresh, ["", layerId, found[i].shapeId]);
    if (data) {
      names[found[i].shapeId] = mask.name;
      const was = dataOf(work.old, ["", layerId, found[i].shapeId]);
      updateMask(mask, data, was, place, scale, spans, done);
      done.updated++;
    } else {
      gone.push(mask.name);
    }
  }
  done.removed += removeNamed(place.layer, gone).count;
  drawAdded(place, fresh, scale, names, done);
  for (let i = 0; i < fresh.length; i++) {
    identities.push([names[fresh[i].shape_id], layerId, fresh[i].shape_id]);
  }
}

/** Shapes the layer has no mask of, each behind the mask of the shape before it. */
function drawAdded(
  place: Ground,
  fresh: MaskData[],
  scale: Scale,
  names: { [shapeId: string]: string },
  done: Updated
): void {
  const added: MaskData[] = [];
  for (let i = 0; i < fresh.length; i++) {
    if (!names.hasOwnProperty(fresh[i].shape_id)) {
      added.push(fresh[i]);
      done.keys += fresh[i].frames.length;
    }
  }
  if (!added.length) {
    return;
  }
  const drawn = drawMasks(place.layer, place.clock, added, scale);
  let next = firstPlace(place.layer, fresh, names);
  for (let i = 0, k = 0; i < fresh.length; i++) {
    if (k < added.length && fresh[i] === added[k]) {
      names[fresh[i].shape_id] = drawn[k];
      moveTo(place.layer, drawn[k], next);
      k++;
    }
    next = placeOf(place.layer, names[fresh[i].shape_id]) + 1;
  }
  done.rebuilt += added.length;
}

/** Where the layer's masks begin; behind all masks when it has none. */
function firstPlace(
  layer: AVLayer,
  fresh: MaskData[],
  names: { [shapeId: string]: string }
): number {
  for (let i = 0; i < fresh.length; i++) {
    if (names.hasOwnProperty(fresh[i].shape_id)) {
      return placeOf(layer, names[fresh[i].shape_id]);
    }
  }
  return ae.masksOf(layer).numProperties + 1;
}

function placeOf(layer: AVLayer, name: string): number {
  const count = ae.masksOf(layer).numProperties;
  for (let i = 1; i <= count; i++) {
    if (ae.maskAt(layer, i).name === name) {
      return i;
    }
  }
  return count + 1;
}

/** Moves a mask that lies behind `place` there. */
function moveTo(layer: AVLayer, name: string, place: number): void {
  const now = placeOf(layer, name);
  if (place < now) {
    ae.maskAt(layer, now).moveTo(place);
  }
}

function updateMask(
  mask: MaskPropertyGroup,
  data: MaskData,
  old: MaskData | null,
  place: Ground,
  scale: Scale,
  spans: Span[],
  done: Updated
): void {
  const path = ae.pathProperty(mask);
  const all = path.numKeys === 0; // a path without keys gets every key
  const shapes: (Shape | null)[] = [];
  for (let i = 0; i < data.points.length; i++) {
    const due = all || inSpans(spans, data.frames[i]);
    shapes.push(due ? shapeOf(data.points[i], data.closed, scale) : null);
  }
  const track = { frames: data.frames, values: shapes, hold: data.hold };
  done.keys += replaceKeys(path as Property, place.clock, track, spans, function (key, frame) {
    const row = old ? rowOf(path.keyValue(key), scale) : [];
    const own = old !== null && !isRowOf(old, frame, row) && !isRowOf(data, frame, row);
    done.spared += own ? 1 : 0;
    return own;
  });
  holdAtNewTopology(path, place.clock, spans);
  updateOpacity(ae.opacityProperty(mask), data, place, spans);
}

/** Whether a job's mask has this key: then no hand has touched it, or the farm has taken it over. */
function isRowOf(data: MaskData, frame: number, row: number[]): boolean {
  const at = indexOf(data.frames, frame);
  return at >= 0 && sameRow(row, data.points[at]);
}

function updateOpacity(opacity: OneDProperty, data: MaskData, place: Ground, spans: Span[]): void {
  if (typeof data.opacity !== "number") {
    replaceKeys(opacity as Property, place.clock, data.opacity, spans);
    return;
  }
  if (opacity.numKeys > 0) {
    replaceKeys(opacity as Property, place.clock, stillIn(spans, data.opacity), spans);
  }
}

/** A value that stays, as keys at both ends of each stretch. */
function stillIn(spans: Span[], value: number): Track<number> {
  const track: Track<number> = { frames: [], values: [], hold: [] };
  for (let i = 0; i < spans.length; i++) {
    for (let end = 0; end < (spans[i][0] === spans[i][1] ? 1 : 2); end++) {
      track.hold.push(track.frames.length);
      track.frames.push(spans[i][end]);
      track.values.push(value);
    }
  }
  return track;
}

function ofLayer(masks: MaskData[], layerId: string): MaskData[] {
  const found: MaskData[] = [];
  for (let i = 0; i < masks.length; i++) {
    if (masks[i].layer_id === layerId) {
      found.push(masks[i]);
    }
  }
  return found;
}

function onlyLayer(matches: Matches, layerId: string): Match[] {
  const own: Match[] = [];
  for (let i = 0; i < matches.found.length; i++) {
    if (matches.found[i].layerId === layerId) {
      own.push(matches.found[i]);
    }
  }
  return own;
}
