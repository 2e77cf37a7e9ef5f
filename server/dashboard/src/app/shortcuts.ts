/**
 * Keys of the page that is shown, and of all pages. A key is written as `KeyboardEvent.key` names it,
 * behind `Alt+`, `Shift+` or `Ctrl+`; two in a row with a space between: `g j`.
 */

import { useEffect, useRef } from "react";
import { create } from "zustand";

export interface Shortcut {
  label: string;
  run(event: KeyboardEvent): void;
}

export type ShortcutMap = Record<string, Shortcut>;

interface Registry {
  groups: { title: string; map: ShortcutMap }[];
}

export const useRegistry = create<Registry>(() => ({ groups: [] }));

const SEQUENCE_MS = 1200;

/** Let `map` hold while the component is there; later ones win over earlier. */
export function useShortcuts(title: string, map: ShortcutMap): void {
  const latest = useRef(map);
  latest.current = map;
  const names = Object.keys(map).join("\n");
  useEffect(() => {
    const group = { title, map: latest.current };
    // Asked for when the key is pressed: what it runs may be another function by then.
    for (const name of names.split("\n")) {
      const label = latest.current[name]?.label ?? "";
      group.map = { ...group.map, [name]: { label, run: (event) => latest.current[name]?.run(event) } };
    }
    useRegistry.setState(({ groups }) => ({ groups: [...groups, group] }));
    return () =>
      useRegistry.setState(({ groups }) => ({ groups: groups.filter((one) => one !== group) }));
  }, [title, names]);
}

const LETTER = /^\p{L}$/u;
const SIGN = /^[^\p{L}\p{N}\s]$/u;

/** As a key is called in a map. */
export function nameOf(event: KeyboardEvent): string {
  const { key, shiftKey } = event;
  // Some keyboards have it on another key, behind Alt, or behind AltGr, which is Ctrl and Alt to some.
  if (SIGN.test(key) && (event.altKey || event.getModifierState("AltGraph"))) return key;
  const held = (event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.altKey ? "Alt+" : "");
  // Of a letter Shift alone decides: Caps Lock makes a capital, too, and a Mac makes none beside Cmd.
  if (LETTER.test(key)) return held + (shiftKey ? key.toUpperCase() : key.toLowerCase());
  // A sign says by itself that Shift is held.
  return held + (shiftKey && key.length > 1 ? "Shift+" : "") + (key === " " ? "Space" : key);
}

let first = "";
let firstAt = 0;

/** Run what the key is for, unless somebody is typing, or a dialog lies over what it would be done to. */
export function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const name = nameOf(event);
  if (isOwnKey(event.target, name)) return;
  const pair = Date.now() - firstAt < SEQUENCE_MS ? `${first} ${name}` : "";
  const found = find(pair) ?? find(name);
  first = found ? "" : name;
  firstAt = Date.now();
  if (!found) return;
  event.preventDefault();
  found.run(event);
}

function find(name: string): Shortcut | undefined {
  const { groups } = useRegistry.getState();
  return groups.findLast(({ map }) => name in map)?.map[name];
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const field = target.closest("input, textarea, select, [contenteditable=true]");
  return field !== null && !(field instanceof HTMLInputElement && ["checkbox", "range"].includes(field.type));
}

const MOVES_A_RANGE = /^(Arrow|Page|Home$|End$)/;

/** Whether what has the focus needs the key itself: who uses no mouse presses buttons so. */
function isOwnKey(target: EventTarget | null, name: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement && target.type === "range") return MOVES_A_RANGE.test(name);
  if (name !== "Space" && name !== "Enter") return false;
  return target.matches("a, button, summary, input");
}
