/** One value that many look at. React draws what is in it; nothing else holds state. */

import { useSyncExternalStore } from "react";

export class Store<T> {
  private value: T;
  private readonly watchers = new Set<() => void>();

  constructor(value: T) {
    this.value = value;
  }

  /** The value as it stands. It is never changed in place. */
  get = (): T => this.value;

  /** Put `next` in its place (or what a function makes of the old one), and tell the watchers. */
  set = (next: T | ((old: T) => T)): void => {
    const made = typeof next === "function" ? (next as (old: T) => T)(this.value) : next;
    if (Object.is(made, this.value)) return;
    this.value = made;
    for (const watcher of [...this.watchers]) watcher();
  };

  /** Change some fields of an object. */
  patch = (fields: Partial<T>): void => this.set((old) => ({ ...old, ...fields }));

  /** Have `watcher` called after every change; returns what ends that. */
  watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };
}

/** The store's value in a component, which is drawn again when it changes. */
export function useStore<T>(store: Store<T>): T {
  return useSyncExternalStore(store.watch, store.get);
}
