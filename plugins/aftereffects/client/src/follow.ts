/**
 * Watching jobs, in one round however many they are (following.py).
 *
 * Everything that holds is asked for again and again; a server that is away costs patience and
 * nothing else. While it is away it is looked for, jobs or not.
 */

import { type Going, raiseUnlessSucceeded, type RotoClient } from "./client";
import { asRotoError, RotoError } from "./errors";
import { sleep } from "./retry";
import { hasEnded, type Job } from "./types";

export interface Watcher {
  /** A job as it stands, and its shot's name. The last call is of a job that has ended. */
  job(job: Job, shotName: string): void;
  /** The server does not know that job any more. */
  gone(jobId: string): void;
  /** What is in the way; null: all is well. */
  trouble(error: RotoError | null): void;
}

const LONGEST = 10_000;
/** A key that was refused is not good again by itself, or seldom. */
const REFUSED = 60_000;
const ABOUT_THE_SERVER = ["unavailable", "sign_in", "access", "version"];

export class Follower {
  private readonly ids = new Set<string>();
  private readonly shots = new Map<string, string>();
  /** Jobs whose answer could not be read: when to ask again, and how often it failed. */
  private readonly later = new Map<string, { at: number; failures: number }>();
  private readonly shortest: number;
  private pause: number;
  private away = false;
  private running = false;
  private closed = false;
  private wake: AbortController | null = null;

  /** `client` is asked before each round: null while there is no way to a server. */
  constructor(
    private readonly client: () => RotoClient | null,
    private readonly watcher: Watcher,
    options: { pauseMs?: number } = {},
  ) {
    this.shortest = this.pause = options.pauseMs ?? 1000;
  }

  /** Add jobs to those followed. */
  follow(jobIds: Iterable<string>): void {
    for (const id of jobIds) {
      this.ids.add(id);
    }
    this.start();
  }

  /** Nothing answers: look for the server until it does. */
  findServer(): void {
    this.away = true;
    this.start();
  }

  /** Do not wait for the next round. */
  lookNow(): void {
    this.wake?.abort();
  }

  /** Stop; nothing is told any more. */
  close(): void {
    this.closed = true;
    this.lookNow();
  }

  private start(): void {
    this.lookNow();
    if (!this.running && !this.closed) {
      this.running = true;
      void this.run();
    }
  }

  private async run(): Promise<void> {
    while (!this.closed && (this.ids.size > 0 || this.away)) {
      this.wake = new AbortController();
      const woken = this.wake.signal;
      const pause = await this.round();
      try {
        await sleep(pause, woken);
      } catch {
        // Woken early: the next round is due.
      }
    }
    this.running = false;
  }

  /** One round; milliseconds until the next. */
  private async round(): Promise<number> {
    const client = this.client();
    if (!client) {
      return this.slower();
    }
    try {
      await this.look(client);
    } catch (error) {
      const trouble = asRotoError(error);
      this.tell(() => this.watcher.trouble(trouble));
      const away = trouble.kind === "unavailable";
      return away ? Math.max(this.slower(), trouble.retryAfterMs) : REFUSED;
    }
    this.away = false;
    this.pause = this.shortest;
    this.tell(() => this.watcher.trouble(null));
    // Twenty questions a second at most.
    return Math.max(this.pause, this.ids.size * 50);
  }

  private slower(): number {
    this.pause = Math.min(LONGEST, this.pause * 1.5);
    return this.pause;
  }

  private async look(client: RotoClient): Promise<void> {
    let asked = false;
    for (const id of [...this.ids]) {
      if (this.closed || (this.later.get(id)?.at ?? 0) > Date.now()) {
        continue;
      }
      await this.lookAt(client, id);
      asked = true;
    }
    if (!asked && this.away) {
      await client.probe();
    }
  }

  /** Throws what says something of the server; what is wrong with one job stays with it. */
  private async lookAt(client: RotoClient, id: string): Promise<void> {
    let job: Job;
    let shot: string;
    try {
      job = await client.job(id);
      shot = this.shots.get(job.shot_id) ?? (await client.shot(job.shot_id)).name;
    } catch (error) {
      const trouble = asRotoError(error);
      if (ABOUT_THE_SERVER.includes(trouble.kind)) {
        throw trouble;
      }
      if (trouble.kind === "not_found") {
        this.forget(id);
        this.tell(() => this.watcher.gone(id));
        return;
      }
      // An answer that cannot be read, or a bug over there: seldom forever.
      const failures = (this.later.get(id)?.failures ?? 0) + 1;
      this.later.set(id, { failures, at: Date.now() + Math.min(REFUSED, 1000 * 2 ** failures) });
      if (failures === 1) {
        this.tell(() => this.watcher.trouble(trouble));
      }
      return;
    }
    this.shots.set(job.shot_id, shot);
    this.later.delete(id);
    if (hasEnded(job)) {
      this.forget(id);
    }
    this.tell(() => this.watcher.job(job, shot));
  }

  private forget(id: string): void {
    this.ids.delete(id);
    this.later.delete(id);
  }

  private tell(call: () => void): void {
    if (!this.closed) {
      call();
    }
  }
}

/** Wait for one job to end well; throws `job` when it did not, `stopped` when `signal` says so. */
export async function jobEnded(
  client: RotoClient,
  jobId: string,
  options: Going & { watch?: (job: Job) => void; pauseMs?: number } = {},
): Promise<Job> {
  const { signal, watch } = options;
  for (;;) {
    const job = await client.job(jobId, { signal });
    watch?.(job);
    if (hasEnded(job)) {
      return raiseUnlessSucceeded(job);
    }
    await sleep(options.pauseMs ?? 500, signal);
  }
}
