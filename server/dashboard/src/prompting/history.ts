/** Every state there was, to go back to and on again. */

export interface History<T> {
  past: readonly T[];
  now: T;
  future: readonly T[];
  /** What the last step was of, where more of the same is one step with it: typing into a field. */
  of: string | null;
}

const MOST = 200;

export function begun<T>(now: T): History<T> {
  return { past: [], now, future: [], of: null };
}

/** One state on; what was undone before is gone. The same state again is no step. */
export function stepped<T>(history: History<T>, next: T, of: string | null = null): History<T> {
  if (next === history.now) return history;
  const isMore = of !== null && of === history.of;
  const past = isMore ? history.past : [...history.past.slice(1 - MOST), history.now];
  return { past, now: next, future: [], of };
}

export function undone<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future], of: null };
}

export function redone<T>(history: History<T>): History<T> {
  const [next, ...rest] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.now], now: next, future: rest, of: null };
}
