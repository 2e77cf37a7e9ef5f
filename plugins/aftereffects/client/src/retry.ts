/** How often and how patiently a failed exchange is tried again. Milliseconds. */

import { RotoError } from "./errors";

export interface Retry {
  tries: number;
  firstPause: number;
  longestPause: number;
  /** The longest pause a server may ask for; one that asks for more is not tried again. */
  longestAsked?: number;
}

/** An artist is looking at a panel: hear soon that nothing answers, or not now. */
export const QUICK: Retry = { tries: 2, firstPause: 300, longestPause: 1000, longestAsked: 3000 };
/** Some 35 seconds: what was sent off outlives a server that is started again. */
export const PATIENT: Retry = { tries: 9, firstPause: 500, longestPause: 8000 };

/** The pause after the `failures`-th failure in a row (1 is the first), with jitter. */
export function pauseAfter(retry: Retry, failures: number): number {
  const pause = Math.min(retry.longestPause, retry.firstPause * 2 ** (failures - 1));
  return pause * (0.75 + Math.random() / 4);
}

/** Waits; rejects with `stopped` as soon as `signal` is aborted. */
export function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(stopped());
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", ended);
      resolve();
    }, milliseconds);
    function ended(): void {
      clearTimeout(timer);
      reject(stopped());
    }
    signal?.addEventListener("abort", ended, { once: true });
  });
}

export function stopped(what = "Stopped."): RotoError {
  return new RotoError(what, { kind: "stopped" });
}

/** Throws `stopped` once `signal` is aborted. */
export function checkGoing(signal?: AbortSignal): void {
  if (signal?.aborted) {
    throw stopped();
  }
}
