/** The player's keys: RV's, or an editor's J K L where those are in the fingers. */

import { type ShortcutMap, useShortcuts } from "../app/shortcuts";
import { type Channel, nextMark, type PlayerStore, SPEEDS } from "./player";

export type Profile = "rv" | "jkl";

const KEPT = "roto.player.keys";

export function keptProfile(): Profile {
  return localStorage.getItem(KEPT) === "jkl" ? "jkl" : "rv";
}

export function keepProfile(profile: Profile): void {
  localStorage.setItem(KEPT, profile);
}

/** Frames one jumps between, ascending. */
export interface Stops {
  /** Prompts and spline keys. */
  keys: readonly number[];
  /** Notes and one's own marks. */
  marks: readonly number[];
}

export function usePlayerKeys(player: PlayerStore, stops: Stops, profile: Profile): void {
  useShortcuts("Player", playerKeys(player, stops, profile));
}

export function playerKeys(player: PlayerStore, { keys, marks }: Stops, profile: Profile): ShortcutMap {
  const now = () => player.getState();
  const jump = (frames: readonly number[], direction: -1 | 1) => now().go(nextMark(frames, now().at, direction));
  const map: ShortcutMap = {
    Space: { label: "Play, stop", run: () => now().toggle() },
    ArrowLeft: { label: "A frame back", run: () => now().step(-1) },
    ArrowRight: { label: "A frame on", run: () => now().step(1) },
    ArrowUp: { label: "Turn round", run: () => now().turn() },
    ",": { label: "Backwards", run: () => now().play(-1) },
    ".": { label: "Forwards", run: () => now().play(1) },
    Home: { label: "To the beginning", run: () => now().go(now().loop[0]) },
    End: { label: "To the end", run: () => now().go(now().loop[1]) },
    "[": { label: "Loop from here", run: () => now().setIn() },
    "]": { label: "Loop to here", run: () => now().setOut() },
    "\\": { label: "Loop over all", run: () => now().resetLoop() },
    m: { label: "Mark this frame", run: () => now().toggleMark() },
    "Alt+ArrowLeft": { label: "Mark or note before", run: () => jump(marks, -1) },
    "Alt+ArrowRight": { label: "Next mark or note", run: () => jump(marks, 1) },
    "Shift+ArrowLeft": { label: "Prompt or key before", run: () => jump(keys, -1) },
    "Shift+ArrowRight": { label: "Next prompt or key", run: () => jump(keys, 1) },
    o: { label: "Next overlay", run: () => now().cycleOverlay() },
    s: { label: "Splines", run: () => now().set({ splines: !now().splines }) },
    c: { label: "Colour", run: () => show("colour") },
    r: { label: "Red", run: () => show("red") },
    g: { label: "Green", run: () => show("green") },
    b: { label: "Blue", run: () => show("blue") },
    l: { label: "Luminance", run: () => show("luminance") },
    a: { label: "Alpha: the matte", run: () => now().set({ overlay: "matte", channel: "colour" }) },
  };
  return profile === "jkl" ? { ...map, ...shuttle(player) } : map;

  function show(channel: Channel): void {
    now().set({ channel: now().channel === channel ? "colour" : channel });
  }
}

/** J backwards, K stop, L forwards; again for faster. */
function shuttle(player: PlayerStore): ShortcutMap {
  function go(direction: -1 | 1): void {
    const { direction: was, speed, play, set } = player.getState();
    const faster = SPEEDS[Math.min(SPEEDS.indexOf(speed) + 1, SPEEDS.length - 1)] ?? 1;
    set({ speed: was === direction ? faster : 1 });
    play(direction);
  }
  return {
    j: { label: "Backwards, again for faster", run: () => go(-1) },
    k: { label: "Stop", run: () => player.getState().play(0) },
    l: { label: "Forwards, again for faster", run: () => go(1) },
  };
}
