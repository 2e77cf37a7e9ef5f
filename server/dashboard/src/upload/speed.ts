/** How fast bytes go, of the last seconds, and how long the rest takes. */

const WINDOW_MS = 10_000;

export class Speed {
  private seen: { at: number; done: number }[] = [];

  take(done: number, now: number): void {
    this.seen.push({ at: now, done });
    while (this.seen.length > 2 && now - (this.seen[0]?.at ?? now) > WINDOW_MS) this.seen.shift();
  }

  /** Bytes a second; null until there are two looks. */
  get rate(): number | null {
    const [first, last] = [this.seen[0], this.seen.at(-1)];
    if (!first || !last || last.at === first.at) return null;
    return Math.max(0, ((last.done - first.done) / (last.at - first.at)) * 1000);
  }
}

/** Seconds; null where nothing moves. */
export function remaining(rate: number | null, left: number): number | null {
  return rate ? left / rate : null;
}
