/** Keys of a property by plate frames: written whole, written in stretches, read. */

import * as ae from "./ae";
import { Clock, frameAt, isOnFrame, timeOf, timesOf } from "./clock";

/** Values on plate frames; `hold` lists the indices of those that last until the next. */
export interface Track<V> {
  frames: number[];
  values: V[];
  hold: number[];
}

export type Span = [number, number];

export function contains(list: number[], wanted: number): boolean {
  for (let i = 0; i < list.length; i++) {
    if (list[i] === wanted) {
      return true;
    }
  }
  return false;
}

/** A property that has no keys yet gets them; a single one is a still value. */
export function setTrack(property: Property, clock: Clock, track: Track<unknown>): void {
  if (track.frames.length === 1) {
    property.setValue(track.values[0] as never);
    return;
  }
  property.setValuesAtTimes(timesOf(clock, track.frames), track.values as never[]);
  for (let i = 0; i < track.hold.length; i++) {
    ae.setHold(
      property,
      property.nearestKeyIndex(timeOf(clock, track.frames[track.hold[i]])),
      true
    );
  }
}

/** Whether a key (from 1) on a plate frame is an artist's, who wants to find it again. */
export type Spares = (key: number, frame: number) => boolean;

/**
 * Keys within `spans` become those of `track`; keys outside stay, but for the one before a span:
 * whether it holds is the track's, where the track has it too. Keys that `spares` names stay, with
 * their value. Returns how many keys were set.
 */
export function replaceKeys(
  property: Property,
  clock: Clock,
  track: Track<unknown>,
  spans: Span[],
  spares?: Spares
): number {
  if (property.numKeys === 0) {
    setTrack(property, clock, track);
    return track.frames.length;
  }
  const spared: number[] = [];
  for (let k = property.numKeys; k >= 1; k--) {
    const frame = frameAt(clock, property.keyTime(k));
    if (inSpans(spans, frame)) {
      if (spares && spares(k, frame)) {
        spared.push(frame);
      } else {
        property.removeKey(k);
      }
    }
  }
  const picked = within(track, spans, spared);
  if (picked.frames.length) {
    property.setValuesAtTimes(timesOf(clock, picked.frames), picked.values as never[]);
  }
  for (let i = 0; i < picked.frames.length; i++) {
    const key = property.nearestKeyIndex(timeOf(clock, picked.frames[i]));
    ae.setHold(property, key, contains(picked.hold, i));
  }
  for (let i = 0; i < spans.length; i++) {
    joinBefore(property, clock, track, spans[i][0]);
  }
  return picked.frames.length;
}

/** The key that comes before a span holds if the track's key there does. */
function joinBefore(property: Property, clock: Clock, track: Track<unknown>, from: number): void {
  for (let k = property.numKeys; k >= 1; k--) {
    const frame = frameAt(clock, property.keyTime(k));
    if (frame < from) {
      const place = indexOf(track.frames, frame);
      const hold = contains(track.hold, place);
      if (place >= 0 && hold !== ae.isHold(property, k)) {
        ae.setHold(property, k, hold);
      }
      return;
    }
  }
}

/** In and around the spans a key holds when the next has another number of vertices. */
export function holdAtNewTopology(property: ShapeProperty, clock: Clock, spans: Span[]): void {
  let before = -1;
  let touchedBefore = false;
  for (let k = 1; k <= property.numKeys; k++) {
    const touched = inSpans(spans, frameAt(clock, property.keyTime(k)));
    if (k > 1 && (touched || touchedBefore)) {
      before = before < 0 ? vertexCount(property, k - 1) : before;
      const count = vertexCount(property, k);
      if (count !== before && !ae.isHold(property as Property, k - 1)) {
        ae.setHold(property as Property, k - 1, true);
      }
      before = count;
    } else {
      before = -1;
    }
    touchedBefore = touched;
  }
}

function vertexCount(property: ShapeProperty, key: number): number {
  return property.keyValue(key).vertices.length;
}

export function inSpans(spans: Span[], frame: number): boolean {
  for (let i = 0; i < spans.length; i++) {
    if (frame >= spans[i][0] && frame <= spans[i][1]) {
      return true;
    }
  }
  return false;
}

function within(track: Track<unknown>, spans: Span[], spared: number[]): Track<unknown> {
  const picked: Track<unknown> = { frames: [], values: [], hold: [] };
  for (let i = 0; i < track.frames.length; i++) {
    if (inSpans(spans, track.frames[i]) && !contains(spared, track.frames[i])) {
      if (contains(track.hold, i)) {
        picked.hold.push(picked.frames.length);
      }
      picked.frames.push(track.frames[i]);
      picked.values.push(track.values[i]);
    }
  }
  return picked;
}

export function indexOf(list: number[], wanted: number): number {
  for (let i = 0; i < list.length; i++) {
    if (list[i] === wanted) {
      return i;
    }
  }
  return -1;
}

/** What is read: keys, which of them ease, and how many lie between frames and were left out. */
export interface ReadTrack<V> extends Track<V> {
  eased: number[];
  between: number;
}

/** Without keys it is the value, on the plate's first frame. */
export function readTrack<V>(property: Property, clock: Clock): ReadTrack<V> {
  const track: ReadTrack<V> = { frames: [], values: [], hold: [], eased: [], between: 0 };
  if (property.numKeys === 0) {
    track.frames.push(clock.firstFrame);
    track.values.push(property.value as unknown as V);
  }
  for (let k = 1; k <= property.numKeys; k++) {
    const time = property.keyTime(k);
    if (!isOnFrame(clock, time)) {
      track.between++;
      continue;
    }
    const place = track.frames.length;
    if (ae.isHold(property, k) && k < property.numKeys) {
      track.hold.push(place);
    }
    if (ae.isEased(property, k) && k < property.numKeys) {
      track.eased.push(place);
    }
    track.frames.push(frameAt(clock, time));
    track.values.push(property.keyValue(k) as unknown as V);
  }
  return track;
}
