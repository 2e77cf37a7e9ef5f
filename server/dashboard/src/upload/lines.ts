/**
 * How much goes out at once. A browser opens six connections to a server: what is sent takes four of
 * them at most, so the page stays quick while plates are on their way.
 */
export class Lines {
  private free: number;
  private readonly waiting: (() => void)[] = [];

  constructor(count: number) {
    this.free = count;
  }

  /** The work, when its turn comes; given up at once when `signal` is aborted before that. */
  async take<T>(work: () => Promise<T>, signal?: AbortSignal | null): Promise<T> {
    await this.turn(signal);
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }

  private turn(signal?: AbortSignal | null): Promise<void> {
    signal?.throwIfAborted();
    if (this.free > 0) {
      this.free--;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        reject(signal?.reason as Error);
      };
      const go = (): void => {
        signal?.removeEventListener("abort", stop);
        resolve();
      };
      signal?.addEventListener("abort", stop, { once: true });
      this.waiting.push(go);
    });
  }
}
