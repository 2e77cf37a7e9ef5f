/**
 * Pictures by address: asked for once, few at a time, what is nearest to the playhead first, and
 * dropped when there are too many. A picture is an `ImageBitmap`: decoded, ready to be drawn.
 */

import { mayPass } from "../api/problem";

export interface Picture {
  width: number;
  height: number;
  close(): void;
}

export type Load<P extends Picture> = (address: string, signal: AbortSignal) => Promise<P>;

interface Limits {
  room: Room;
  /** How many are asked for at once. */
  parallel: number;
}

interface Keeper {
  /** What it keeps and nobody waits for, the one not looked at for longest. */
  oldest(): { used: number; drop(): void } | null;
}

const MIB = 2 ** 20;
/** A sixteenth of the device's memory, within what a browser may be asked for. */
const [LEAST, MOST, UNKNOWN] = [192 * MIB, 768 * MIB, 384 * MIB];

/** `gib`: the device's memory as browsers tell it: roughly, some not at all, none without HTTPS. */
export function roomOf(gib: number | undefined): number {
  return gib === undefined ? UNKNOWN : Math.min(MOST, Math.max(LEAST, (gib * 1024 * MIB) / 16));
}

/**
 * Bytes for decoded pictures, four a pixel, shared by all who keep some: what was not looked at for
 * longest goes first, whoever has it, but never what is waited for.
 */
export class Room {
  bytes = 0;
  private uses = 0;
  private readonly keepers = new Set<Keeper>();

  constructor(readonly most = roomOf((navigator as { deviceMemory?: number }).deviceMemory)) {}

  join(keeper: Keeper): void {
    this.keepers.add(keeper);
  }

  /** A number that grows: who has a small one was looked at long ago. */
  use(): number {
    return (this.uses += 1);
  }

  tidy(): void {
    while (this.bytes > this.most) {
      const found = [...this.keepers].flatMap((keeper) => keeper.oldest() ?? []);
      if (!found.length) return;
      found.reduce((one, other) => (other.used < one.used ? other : one)).drop();
    }
  }
}

export class Pictures<P extends Picture> implements Keeper {
  /** The one not looked at for longest first. */
  private readonly kept = new Map<string, { picture: P; used: number }>();
  private readonly asked = new Map<string, AbortController>();
  /** What will not come, and why. */
  private readonly failed = new Map<string, unknown>();
  private readonly listeners = new Set<() => void>();
  private wanted: ReadonlySet<string> = new Set();

  constructor(
    private readonly load: Load<P>,
    private readonly limits: Limits,
  ) {
    limits.room.join(this);
  }

  /** The picture, if it is there; being asked for keeps it among the last to be dropped. */
  get(address: string): P | undefined {
    const picture = this.kept.get(address)?.picture;
    if (picture) {
      this.kept.delete(address);
      this.kept.set(address, { picture, used: this.limits.room.use() });
    }
    return picture;
  }

  has(address: string): boolean {
    return this.kept.has(address);
  }

  /** Whether nothing more will come: the picture is there, or the server has none. */
  isSettled(address: string): boolean {
    return this.kept.has(address) || (this.failed.has(address) && !mayPass(this.failed.get(address)));
  }

  /** Why it did not come; undefined while it may, and where it has. */
  whyNot(address: string): unknown {
    return this.failed.get(address);
  }

  /** What is wanted from now on, the most urgent first; what is under way for others is given up. */
  want(addresses: readonly string[]): void {
    this.wanted = new Set(addresses);
    for (const [address, controller] of this.asked) {
      if (!this.wanted.has(address)) controller.abort();
    }
    this.pump();
  }

  /** Forget what did not come: a job that tracks makes more. Or that alone which `passes`. */
  retry(passes: (why: unknown) => boolean = () => true): void {
    for (const [address, why] of this.failed) if (passes(why)) this.failed.delete(address);
    this.pump();
  }

  /** Told whenever a picture has come, or will not. */
  listen(told: () => void): () => void {
    this.listeners.add(told);
    return () => this.listeners.delete(told);
  }

  clear(): void {
    this.want([]);
    for (const address of [...this.kept.keys()]) this.drop(address);
    this.failed.clear();
  }

  oldest(): { used: number; drop(): void } | null {
    for (const [address, { used }] of this.kept) {
      if (!this.wanted.has(address)) return { used, drop: () => this.drop(address) };
    }
    return null;
  }

  private pump(): void {
    for (const address of this.wanted) {
      if (this.asked.size >= this.limits.parallel) return;
      const isNew = !this.kept.has(address) && !this.failed.has(address) && !this.asked.has(address);
      if (isNew) void this.ask(address);
    }
  }

  private async ask(address: string): Promise<void> {
    const controller = new AbortController();
    this.asked.set(address, controller);
    try {
      const picture = await this.load(address, controller.signal);
      if (controller.signal.aborted) picture.close();
      else this.keep(address, picture);
    } catch (why) {
      if (!controller.signal.aborted) this.failed.set(address, why);
    } finally {
      this.asked.delete(address);
    }
    for (const told of this.listeners) told();
    this.pump();
  }

  private keep(address: string, picture: P): void {
    const { room } = this.limits;
    this.kept.set(address, { picture, used: room.use() });
    room.bytes += size(picture);
    room.tidy();
  }

  private drop(address: string): void {
    const picture = this.kept.get(address)?.picture;
    if (!picture) return;
    this.kept.delete(address);
    this.limits.room.bytes -= size(picture);
    picture.close();
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

/** How many frames ahead there is room for, `each` bytes a frame: four at least, and those behind. */
export function aheadIn(room: number, each: number, most: number): number {
  return Math.min(most, Math.max(4, Math.floor((room * 0.75) / each) - 4));
}
