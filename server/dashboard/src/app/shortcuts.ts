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

/** As a key is called in a map. */
export function nameOf(event: KeyboardEvent): string {
  const held = [event.ctrlKey || event.metaKey ? "Ctrl+" : "", event.altKey ? "Alt+" : ""];
  // A capital or a sign says by itself that Shift is held.
  if (event.shiftKey && event.key.length > 1) held.push("Shift+");
  return held.join("") + (event.key === " " ? "Space" : event.key);
}

let first = "";
let firstAt = 0;

/** Run what the key is for, unless somebody is typing. */
export function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || isTyping(event.target)) return;
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
  if (target.closest("dialog")) return true;
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
