/**
 * Where the player is and how it looks at what it shows. Frames are plate frame numbers, ranges
 * inclusive; `at` moves, everything else is chosen.
 */

import { createStore } from "zustand/vanilla";

export type Overlay = "tint" | "outline" | "matte" | "cutout" | "plate";
export type Ground = "checker" | "grey" | "black";
export type Compare = "off" | "wipe" | "difference";
/** Of the picture: all of its colours, one of them as grey, or how bright it is. */
export type Channel = "colour" | "red" | "green" | "blue" | "luminance";

export const OVERLAYS: readonly Overlay[] = ["tint", "outline", "matte", "cutout", "plate"];
export const CHANNELS: readonly Channel[] = ["colour", "red", "green", "blue", "luminance"];
/** Frames on either side whose splines are shown too. */
export const MOST_ONION = 3;
export const SPEEDS: readonly number[] = [0.25, 0.5, 1, 2, 4];

export interface PlayerState {
  first: number;
  last: number;
  at: number;
  /** What is looped over; the whole range unless somebody has set it. */
  loop: [number, number];
  /** -1 backwards, 0 still, 1 forwards. */
  direction: -1 | 0 | 1;
  /** Where it goes when it is started again. */
  lastDirection: -1 | 1;
  speed: number;
  overlay: Overlay;
  ground: Ground;
  compare: Compare;
  /** Where the wipe stands, 0 to 1 of the plate's width. */
  wipe: number;
  splines: boolean;
  /** Frames before and after whose splines show through. */
  onion: number;
  hidden: ReadonlySet<string>;
  channel: Channel;
  /** Frames somebody has marked for themselves, ascending. */
  marks: readonly number[];
}

export interface Player extends PlayerState {
  /** Another range: of another shot, or of a plate that has been read anew. */
  open(first: number, last: number, at?: number): void;
  go(frame: number): void;
  step(frames: number): void;
  play(direction: -1 | 0 | 1): void;
  toggle(): void;
  turn(): void;
  faster(by: -1 | 1): void;
  setIn(): void;
  setOut(): void;
  resetLoop(): void;
  cycleOverlay(): void;
  toggleObject(name: string): void;
  toggleMark(): void;
  set(change: Partial<PlayerState>): void;
}

export type PlayerStore = ReturnType<typeof newPlayer>;

export function newPlayer() {
  return createStore<Player>()((set, get) => ({
    first: 1,
    last: 1,
    at: 1,
    loop: [1, 1],
    direction: 0,
    lastDirection: 1,
    speed: 1,
    overlay: "tint",
    ground: "checker",
    compare: "off",
    wipe: 0.5,
    splines: false,
    onion: 0,
    hidden: new Set(),
    channel: "colour",
    marks: [],
    open(first, last, at = first) {
      const loop: [number, number] = [first, last];
      set({ first, last, at: clamp(at, first, last), loop, direction: 0, marks: [] });
    },
    go(frame) {
      const { first, last } = get();
      set({ at: clamp(frame, first, last) });
    },
    step(frames) {
      const { at, loop } = get();
      set({ direction: 0, at: wrapped(at, frames, loop) });
    },
    play(direction) {
      const { lastDirection } = get();
      set({ direction, lastDirection: direction === 0 ? lastDirection : direction });
    },
    toggle() {
      const { direction, lastDirection, play } = get();
      play(direction === 0 ? lastDirection : 0);
    },
    turn() {
      const { direction, lastDirection } = get();
      const turned = lastDirection === 1 ? -1 : 1;
      set({ lastDirection: turned, direction: direction === 0 ? 0 : turned });
    },
    faster(by) {
      const { speed } = get();
      const index = clamp(SPEEDS.indexOf(speed) + by, 0, SPEEDS.length - 1);
      set({ speed: SPEEDS[index] ?? 1 });
    },
    setIn() {
      const { at, loop } = get();
      set({ loop: [at, Math.max(at, loop[1])] });
    },
    setOut() {
      const { at, loop } = get();
      set({ loop: [Math.min(at, loop[0]), at] });
    },
    resetLoop() {
      const { first, last } = get();
      set({ loop: [first, last] });
    },
    cycleOverlay() {
      const { overlay } = get();
      const next = OVERLAYS[(OVERLAYS.indexOf(overlay) + 1) % OVERLAYS.length];
      if (next) set({ overlay: next });
    },
    toggleObject(name) {
      const hidden = new Set(get().hidden);
      if (!hidden.delete(name)) hidden.add(name);
      set({ hidden });
    },
    toggleMark() {
      const { at, marks } = get();
      const others = marks.filter((mark) => mark !== at);
      set({ marks: others.length < marks.length ? others : [...marks, at].sort((a, b) => a - b) });
    },
    set,
  }));
}

/** The frame `frames` after `at`, over the end of the loop to its beginning and the other way. */
export function wrapped(at: number, frames: number, [first, last]: [number, number]): number {
  const length = last - first + 1;
  // Whoever stands outside of the loop comes in at its near end.
  if (at < first || at > last) return frames > 0 ? first : last;
  return first + (((at - first + frames) % length) + length) % length;
}

/** The first of `marks` (ascending) after `at` in `direction`; `at` when there is none. */
export function nextMark(marks: readonly number[], at: number, direction: -1 | 1): number {
  const found =
    direction === 1 ? marks.find((mark) => mark > at) : marks.findLast((mark) => mark < at);
  return found ?? at;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
