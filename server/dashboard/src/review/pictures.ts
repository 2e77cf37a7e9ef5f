/**
 * Pictures by address: asked for once, few at a time, what is nearest to the playhead first, and
 * dropped when there are too many. A picture is an `ImageBitmap`: decoded, ready to be drawn.
 */

export interface Picture {
  width: number;
  height: number;
  close(): void;
}

export type Load<P extends Picture> = (address: string, signal: AbortSignal) => Promise<P>;

interface Limits {
  /** Bytes of decoded pictures that are kept, four a pixel. */
  bytes: number;
  /** How many are asked for at once. */
  parallel: number;
}

const LIMITS: Limits = { bytes: 768 * 2 ** 20, parallel: 6 };

export class Pictures<P extends Picture> {
  private readonly kept = new Map<string, P>();
  private readonly asked = new Map<string, AbortController>();
  private readonly missing = new Set<string>();
  private readonly listeners = new Set<() => void>();
  private wanted: readonly string[] = [];
  private bytes = 0;

  constructor(
    private readonly load: Load<P>,
    private readonly limits: Limits = LIMITS,
  ) {}

  /** The picture, if it is there; being asked for keeps it among the last to be dropped. */
  get(address: string): P | undefined {
    const picture = this.kept.get(address);
    if (picture) {
      this.kept.delete(address);
      this.kept.set(address, picture);
    }
    return picture;
  }

  /** Whether nothing more will come: the picture is there, or the server has none. */
  isSettled(address: string): boolean {
    return this.kept.has(address) || this.missing.has(address);
  }

  /** What is wanted from now on, the most urgent first; what is under way for others is given up. */
  want(addresses: readonly string[]): void {
    this.wanted = addresses;
    const still = new Set(addresses);
    for (const [address, controller] of this.asked) {
      if (!still.has(address)) controller.abort();
    }
    this.pump();
  }

  /** Forget that the server had none: a job that tracks makes more. */
  retry(): void {
    this.missing.clear();
    this.pump();
  }

  /** Told whenever a picture has come, or will not. */
  listen(told: () => void): () => void {
    this.listeners.add(told);
    return () => this.listeners.delete(told);
  }

  clear(): void {
    this.want([]);
    for (const picture of this.kept.values()) picture.close();
    this.kept.clear();
    this.missing.clear();
    this.bytes = 0;
  }

  private pump(): void {
    for (const address of this.wanted) {
      if (this.asked.size >= this.limits.parallel) return;
      if (!this.isSettled(address) && !this.asked.has(address)) void this.ask(address);
    }
  }

  private async ask(address: string): Promise<void> {
    const controller = new AbortController();
    this.asked.set(address, controller);
    try {
      const picture = await this.load(address, controller.signal);
      if (controller.signal.aborted) picture.close();
      else this.keep(address, picture);
    } catch {
      // The server has none, or cannot be reached: the page tells that elsewhere.
      if (!controller.signal.aborted) this.missing.add(address);
    } finally {
      this.asked.delete(address);
    }
    for (const told of this.listeners) told();
    this.pump();
  }

  private keep(address: string, picture: P): void {
    this.kept.set(address, picture);
    this.bytes += size(picture);
    const wanted = new Set(this.wanted);
    for (const [old, dropped] of this.kept) {
      if (this.bytes <= this.limits.bytes) return;
      if (wanted.has(old)) continue;
      this.kept.delete(old);
      this.bytes -= size(dropped);
      dropped.close();
    }
  }
}

function size({ width, height }: Picture): number {
  return width * height * 4;
}

/** Frames in the order they will be needed: the playhead, then ahead of it, a few behind it. */
export function soonNeeded(
  at: number,
  direction: -1 | 1,
  [first, last]: [number, number],
  ahead: number,
): number[] {
  const length = last - first + 1;
  const frames = [at];
  for (let far = 1; far <= Math.min(ahead, length - 1); far += 1) {
    const next = at + far * direction;
    frames.push(first + ((((next - first) % length) + length) % length));
  }
  for (let back = 1; back <= 3; back += 1) {
    const before = at - back * direction;
    if (before >= first && before <= last && !frames.includes(before)) frames.push(before);
  }
  return frames;
}
