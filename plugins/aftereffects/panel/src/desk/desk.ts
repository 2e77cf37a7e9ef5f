/**
 * Everything the panel can do, without an element on the page. What comes of it is in `store`.
 *
 * No action throws: what goes wrong becomes the notice at the bottom of the panel.
 */

import type { Keys } from "../../../client/src/keys";
import { hasEnded, type Job } from "../../../client/src/types";
import type { LayerRef } from "../../../contract/host";
import type { Host } from "../bridge/host";
import type { Tool } from "../canvas/gestures";
import { became, did, redone, undone } from "../model/history";
import * as prompts from "../model/prompts";
import { Store } from "../store";
import { Context, type LocalFiles } from "./context";
import type { Farm } from "./farm";
import { Jobs } from "./jobs";
import type { Memory } from "./memory";
import { type Decode, decode, Pictures } from "./pictures";
import { Plate, sameLayer } from "./plate";
import { Results } from "./results";
import { type Browser, type MakeClient, Server } from "./server";
import { type Choices, chosenRow, type PanelState, startState } from "./state";
import { type Tint, Work } from "./work";

export interface DeskParts {
  host: Host;
  farm: Farm;
  memory: Memory;
  keys: Keys;
  files: LocalFiles | null;
  browser: Browser;
  make?: MakeClient;
  decode?: Decode;
  tint?: Tint;
}

export class Desk {
  readonly store: Store<PanelState>;
  readonly server: Server;
  readonly plate: Plate;
  readonly jobs: Jobs;
  private readonly context: Context;
  private readonly pictures: Pictures;
  private readonly work: Work;
  private readonly results: Results;

  constructor(parts: DeskParts) {
    const { server, choices } = parts.memory.recall();
    this.store = new Store(startState(server, choices));
    const context = new Context(this.store, parts.host, parts.memory, parts.files);
    this.context = context;
    this.pictures = new Pictures(context, parts.decode ?? decode);
    this.plate = new Plate(context, this.pictures);
    const sent = (job: Job): Promise<void> => this.plate.sentJob(job.id);
    this.jobs = new Jobs(context, (job) => this.ended(job), sent);
    this.work = new Work(context, parts.farm, this.plate, this.jobs, parts.tint);
    this.results = new Results(context, parts.farm, this.plate, this.jobs, parts.keys);
    this.store.watch(this.follow());
    this.server = new Server(context, () => this.reached(), parts.browser, parts.make);
  }

  close(): void {
    this.server.close();
    this.jobs.close();
    void this.plate.keep().catch((error: unknown) => console.error(error));
  }

  dismiss = (): void => this.store.patch({ notice: null });

  choices(fields: Partial<Choices>): void {
    const choices = { ...this.store.get().choices, ...fields };
    this.store.patch({ choices });
    this.context.memory.keep({ choices });
  }

  setTool(tool: Tool): void {
    this.store.patch({ tool });
  }

  // --- plate and picture

  look(): Promise<void> {
    return this.plate.look();
  }

  goTo(frame: number): Promise<boolean> {
    return this.context.guard(() => this.plate.goTo(frame));
  }

  sendPlate(): Promise<void> {
    return this.work.sendPlate();
  }

  async hostPicture(): Promise<void> {
    const { frame } = this.store.get();
    if (frame === null) return;
    await this.context.busy("After Effects draws its picture", (signal) =>
      this.pictures.fromHost(frame, signal),
    );
  }

  readNative(outlines: boolean): Promise<boolean> {
    return this.context.guard(async () => {
      await this.plate.readNative(outlines);
      this.work.said();
    });
  }

  // --- prompts

  /** A change of what is said; `step` false for the middle of a drag. */
  say(change: (state: prompts.Prompted) => prompts.Prompted, step = true): void {
    void this.context.guard(() => {
      const { history } = this.store.get();
      const next = change(history.present);
      if (next === history.present) return;
      this.store.patch({ history: step ? did(history, next) : became(history, next) });
      this.plate.changed();
      this.work.said();
    });
  }

  /** On the chosen object, on the frame shown; an object is made if there is none. */
  sayHere(
    change: (state: prompts.Prompted, id: string, frame: number) => prompts.Prompted,
    step = true,
  ): void {
    const { frame } = this.store.get();
    if (frame === null) return;
    this.say((state) => {
      const known = prompts.objectOf(state, state.chosen);
      const ready = known ? state : prompts.addObject(state, prompts.freeName(state), newId());
      return change(ready, ready.chosen!, frame);
    }, step);
  }

  addObject(): void {
    this.say((state) => prompts.addObject(state, prompts.freeName(state), newId()));
  }

  choose(id: string): void {
    const { history } = this.store.get();
    this.store.patch({ history: became(history, prompts.choose(history.present, id)) });
    this.plate.changed();
  }

  undo(): void {
    this.travel(undone(this.store.get().history));
  }

  redo(): void {
    this.travel(redone(this.store.get().history));
  }

  // --- farm

  preview(): Promise<void> {
    return this.work.preview();
  }

  otherMask(object: string): Promise<void> {
    return this.work.otherMask(object);
  }

  submit(): Promise<void> {
    return this.work.submit();
  }

  refreshJobs(): Promise<boolean> {
    return this.context.guard(() => this.jobs.list());
  }

  cancel(id: string): Promise<boolean> {
    return this.context.guard(() => this.jobs.cancel(id));
  }

  retry(id: string): Promise<boolean> {
    return this.context.guard(() => this.jobs.retry(id));
  }

  log(id: string): Promise<boolean> {
    return this.context.guard(() => this.jobs.log(id));
  }

  // --- results

  async applyMasks(): Promise<void> {
    const row = chosenRow(this.store.get());
    if (row) await this.results.applyMasks(row.job);
  }

  async importMattes(): Promise<void> {
    const row = chosenRow(this.store.get());
    if (row) await this.results.importMattes(row.job);
  }

  /** Masks, then mattes. */
  async applyBoth(): Promise<void> {
    await this.applyMasks();
    if (this.store.get().notice?.level !== "error") await this.importMattes();
  }

  correct(everywhere: boolean): Promise<void> {
    return this.results.correct(everywhere);
  }

  correctClicks(): Promise<void> {
    return this.results.correctClicks();
  }

  // --- how

  /**
   * Another frame, or a plate that has just reached the farm, wants a preview as a click does;
   * another layer has jobs of its own.
   */
  private follow(): () => void {
    let last = "";
    let layer: LayerRef | null = null;
    return () => {
      const { frame, shotId } = this.store.get();
      const ref = this.plate.layer;
      const other = !sameLayer(ref, layer);
      layer = ref;
      if (other && ref) void this.findJobs();
      const now = `${frame} ${shotId}`;
      if (now === last) return;
      last = now;
      this.work.said();
    };
  }

  /** The jobs of the layer, however many newer ones the farm has. */
  private findJobs(): Promise<boolean> {
    return this.context.guard(async () => {
      if (this.store.get().server.status !== "ready") return;
      await this.jobs.find(await this.plate.sentJobs());
    });
  }

  private travel(history: PanelState["history"]): void {
    if (history === this.store.get().history) return;
    this.store.patch({ history });
    this.plate.changed();
    this.work.said();
  }

  private reached(): void {
    void this.refreshJobs().then(() => this.findJobs());
    void this.context.guard(() => this.plate.findShot());
  }

  private ended(job: Job): void {
    if (!hasEnded(job)) return;
    if (job.state === "succeeded") {
      this.context.note(
        `Version ${job.version} is ready.`,
        "Apply its masks, or import its mattes.",
      );
    }
  }
}

function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
