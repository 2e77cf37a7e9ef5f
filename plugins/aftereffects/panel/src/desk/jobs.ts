/** The jobs the artist cares about, followed until they end; the newest mask while one runs. */

import type { RotoClient } from "../../../client/src/client";
import { asRotoError } from "../../../client/src/errors";
import { attentionOf } from "../../../client/src/results";
import { hasEnded, type Job } from "../../../client/src/types";
import type { Context } from "./context";
import { chosenRow, type JobRow } from "./state";

const PAUSE = 1_000;
const LONGEST = 10_000;
const LISTED = 50;

export class Jobs {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private pause = PAUSE;
  private looking = false;
  private readonly shots = new Map<string, string>();
  private closed = false;

  constructor(
    private readonly context: Context,
    /** A job has just ended before the artist's eyes. */
    private readonly ended: (job: Job) => void,
    /** A job was just sent. */
    private readonly sent: (job: Job) => Promise<void>,
  ) {}

  /** The newest jobs of the farm. */
  async list(): Promise<void> {
    const client = this.context.farm;
    const jobs = (await client.jobs({ limit: LISTED })).filter((job) => job.kind === "roto");
    for (const job of [...jobs].reverse()) await this.show(client, job);
    const { chosenJob } = this.context.state;
    if (chosenJob === null && jobs[0]) this.choose(jobs[0].id);
    this.wake();
  }

  /** Puts a job on top of the list and follows it; it becomes the chosen one. */
  async add(job: Job): Promise<void> {
    await this.show(this.context.farm, job);
    this.choose(job.id);
    this.wake();
    await this.sent(job);
  }

  /** Lists and follows jobs that are not in the list yet; those the farm has forgotten are left. */
  async find(ids: readonly string[]): Promise<void> {
    const client = this.context.farm;
    for (const id of ids) {
      if (this.context.state.jobs.some((row) => row.job.id === id)) continue;
      try {
        await this.show(client, await client.job(id));
      } catch (error) {
        if (asRotoError(error).kind !== "not_found") throw error;
      }
    }
    this.wake();
  }

  choose(id: string | null): void {
    const { newest } = this.context.state;
    if (newest && newest.job !== id) this.forgetNewest();
    this.context.store.patch({ chosenJob: id, log: null });
    void this.context.guard(() => this.judge());
    this.wake();
  }

  async cancel(id: string): Promise<void> {
    const client = this.context.farm;
    await this.show(client, await client.cancel(id));
    this.wake();
  }

  async retry(id: string): Promise<void> {
    const client = this.context.farm;
    await this.show(client, await client.retry(id));
    this.wake();
  }

  async log(id: string): Promise<void> {
    if (this.context.state.log?.job === id) {
      this.context.store.patch({ log: null });
      return;
    }
    const text = await this.context.farm.log(id);
    this.context.store.patch({ log: { job: id, text: text || "Nothing was written yet." } });
  }

  /** Look again now, and go on looking while something runs. */
  wake(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.pause = PAUSE;
    this.later(0);
  }

  close(): void {
    this.closed = true;
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private later(pause: number): void {
    if (this.closed || this.timer !== null) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      void this.look();
    }, pause);
  }

  private async look(): Promise<void> {
    const client = this.context.client;
    const running = this.context.state.jobs.filter((row) => !hasEnded(row.job));
    if (this.looking || !client || running.length === 0) return;
    this.looking = true;
    try {
      for (const row of running) await this.show(client, await client.job(row.job.id));
      await this.newest(client);
      this.pause = PAUSE;
    } catch (error) {
      // Jobs go on without us: they are asked for again, later and later.
      const { kind, asksForPatience, retryAfterMs } = asRotoError(error);
      this.pause = Math.max(Math.min(LONGEST, this.pause * 1.5), retryAfterMs);
      if (asksForPatience) this.context.show(error);
      else if (kind !== "not_found") this.context.lost(error);
    } finally {
      this.looking = false;
    }
    this.later(this.pause);
  }

  private async show(client: RotoClient, job: Job): Promise<void> {
    if (!this.shots.has(job.shot_id)) {
      this.shots.set(job.shot_id, (await client.shot(job.shot_id)).name);
    }
    const shot = this.shots.get(job.shot_id)!;
    const known = this.context.state.jobs.find((row) => row.job.id === job.id);
    const row: JobRow = { job, shot, attention: known?.attention ?? null };
    this.context.store.set((state) => ({
      ...state,
      jobs: known
        ? state.jobs.map((one) => (one.job.id === job.id ? row : one))
        : [row, ...state.jobs],
    }));
    if (known && !hasEnded(known.job) && hasEnded(job)) {
      this.forgetNewest();
      if (this.context.state.chosenJob === job.id) await this.judge();
      this.ended(job);
    }
  }

  /** Finds the frames of the chosen job that need the artist, once. */
  private async judge(): Promise<void> {
    const row = chosenRow(this.context.state);
    if (!row || row.attention || row.job.state !== "succeeded" || !this.context.client) return;
    const attention = await attentionOf(this.context.client, row.job);
    this.context.store.set((state) => ({
      ...state,
      jobs: state.jobs.map((one) => (one.job.id === row.job.id ? { ...one, attention } : one)),
    }));
  }

  private async newest(client: RotoClient): Promise<void> {
    const row = chosenRow(this.context.state);
    if (!row || row.job.state !== "running") return;
    const object = this.watched(row.job);
    if (!object) return;
    try {
      const mask = await client.newestMask(row.job.id, object);
      const { newest } = this.context.state;
      if (newest?.frame === mask.frame && newest.object === object) return;
      const blob = new Blob([mask.png as Uint8Array<ArrayBuffer>], { type: "image/png" });
      this.forgetNewest();
      const url = URL.createObjectURL(blob);
      this.context.store.patch({ newest: { job: row.job.id, object, frame: mask.frame, url } });
    } catch (error) {
      // There is none before the first frame is tracked.
      if (asRotoError(error).kind !== "not_found") throw error;
    }
  }

  /** The object the artist has chosen, if it is one of the job's; else the first. */
  private watched(job: Job): string | undefined {
    const { objects, chosen } = this.context.state.history.present;
    const name = objects.find((one) => one.id === chosen)?.name;
    const names = objectsOf(job);
    return names.find((one) => one === name) ?? names[0];
  }

  private forgetNewest(): void {
    const { newest } = this.context.state;
    if (newest) URL.revokeObjectURL(newest.url);
    this.context.store.patch({ newest: null });
  }
}

/** The names of a job's objects, in the order they were given. */
export function objectsOf(job: Job): string[] {
  const told = (job.params as { objects?: unknown }).objects;
  return Array.isArray(told) ? told.map((one: { name?: unknown }) => String(one.name)) : [];
}
