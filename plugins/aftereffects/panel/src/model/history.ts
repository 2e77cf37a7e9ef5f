/** Undo and redo of a value that is never changed in place. */

export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
}

const STEPS = 200;

export function fresh<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

/** `next` is now the case, and what was before can come back. */
export function did<T>(history: History<T>, next: T): History<T> {
  if (Object.is(next, history.present)) return history;
  return { past: [...history.past, history.present].slice(-STEPS), present: next, future: [] };
}

/**
 * `next` takes the present's place without a step of its own: the middle of a drag, another choice.
 */
export function became<T>(history: History<T>, next: T): History<T> {
  return Object.is(next, history.present) ? history : { ...history, present: next };
}

export function undone<T>(history: History<T>): History<T> {
  const before = history.past[history.past.length - 1];
  if (before === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: before,
    future: [history.present, ...history.future],
  };
}

export function redone<T>(history: History<T>): History<T> {
  const [after, ...future] = history.future;
  if (after === undefined) return history;
  return { past: [...history.past, history.present], present: after, future };
}
