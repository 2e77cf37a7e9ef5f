/** The selected layer: its plate, its frame, and what the project keeps with it. */

import type { LayerRef, PlateInfo, Scene } from "../../../contract/host";
import { trouble } from "../errors";
import { fresh } from "../model/history";
import { fromJson, toJson } from "../model/keep";
import { NOTHING, type Prompted } from "../model/prompts";
import type { Context } from "./context";
import type { Pictures } from "./pictures";

const PROMPTS = "prompts";
const SHOT = "shot";
const JOBS = "jobs";
const MOST_JOBS = 20;
/** Parts of a path that are the same on every machine. */
const TAIL = 3;
/** Milliseconds of rest after which prompts are written into the project. */
const REST = 600;
const NOT_SELECTED: ReadonlySet<string> = new Set(["no_layer", "no_comp"]);

export class Plate {
  private kept: Prompted = NOTHING;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private looking = false;

  constructor(
    private readonly context: Context,
    private readonly pictures: Pictures,
  ) {}

  get layer(): LayerRef | null {
    return this.context.state.scene?.layer?.ref ?? null;
  }

  /**
   * Asks After Effects what is selected and at which frame. While nothing is, the layer that was
   * stays: a click beside everything is no change of mind.
   */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.saw(await this.described());
    } catch (error) {
      this.context.store.patch({ sceneTrouble: trouble(error) });
    } finally {
      this.looking = false;
    }
  }

  private async described(): Promise<Scene> {
    const scene = await this.context.host.call("describe", {});
    const last = this.layer;
    const same = this.context.state.scene?.projectPath === scene.projectPath;
    const nothing = scene.refusals.some((one) => NOT_SELECTED.has(one.code));
    if (scene.layer || !last || !same || !nothing) return scene;
    const stayed = await this.context.host.call("describe", { at: last });
    return stayed.layer ? stayed : scene;
  }

  /** Puts After Effects' time, and the canvas, on a plate frame. */
  async goTo(frame: number): Promise<void> {
    const at = this.layer;
    await this.context.host.call("goTo", { frame, ...(at && { at }) });
    this.showFrame(frame);
  }

  /** The masks and Point Controls of the layer as prompts. */
  async readNative(outlines: boolean): Promise<void> {
    const at = this.layer;
    const told = await this.context.host.call("prompts", { outlines, ...(at && { at }) });
    this.context.store.patch({ native: told.objects });
    const notes = told.notes.join(" ");
    if (told.objects.length === 0) {
      this.context.note(
        notes || "The layer has no prompts of its own.",
        "Name a mask box:hero, or a Point Control +hero or -hero; or select a mask.",
      );
    } else if (notes) {
      this.context.note(notes);
    }
  }

  /** The plate is at the farm as this shot; kept with the layer. */
  async hasShot(shotId: string): Promise<void> {
    this.context.store.patch({ shotId });
    const { server, scene } = this.context.state;
    const plate = scene?.plate;
    if (!plate) return;
    const kept = { shot: shotId, server: server.url, plate: plate.path, form: formOf(plate) };
    await this.remember(SHOT, kept);
    this.refreshPicture();
  }

  /** A job was sent from this layer: it is found again when the project is opened. */
  async sentJob(id: string): Promise<void> {
    const known = (await this.sentJobs()).filter((one) => one !== id);
    await this.remember(JOBS, [...known, id].slice(-MOST_JOBS));
  }

  /** Ids of the jobs sent from this layer, and of those whose masks it has. */
  async sentJobs(): Promise<string[]> {
    const at = this.layer;
    if (!at) return [];
    const kept = await this.context.host.call("recall", { key: JOBS, at });
    const sent = (Array.isArray(kept) ? kept : []).map(String);
    const there = this.context.state.scene?.jobs.map((ref) => ref.job) ?? [];
    return [...new Set([...sent, ...there])];
  }

  /** Whether the shot that was kept is still there; asked when the farm is reached. */
  async findShot(): Promise<void> {
    const at = this.layer;
    const { server, scene } = this.context.state;
    if (!at || !this.context.client || server.status !== "ready") return;
    const kept = await this.context.host.call("recall", { key: SHOT, at });
    if (typeof kept !== "object" || kept === null || Array.isArray(kept)) return;
    const shot = kept["shot"];
    const plate = scene?.plate;
    const same =
      plate !== null &&
      plate !== undefined &&
      kept["server"] === server.url &&
      kept["form"] === formOf(plate) &&
      isSamePath(String(kept["plate"]), plate.path);
    if (!same || typeof shot !== "string") return;
    const found = await this.context.client.shot(shot);
    if (found.state !== "ready" || !sameLayer(this.layer, at)) return;
    this.context.store.patch({ shotId: shot });
    this.refreshPicture();
  }

  /** Draws the frame on the canvas again, from the farm if the plate is there. */
  refreshPicture(): void {
    const { frame, shotId, picture } = this.context.state;
    if (frame === null || !shotId) {
      if (picture && picture.frame !== frame) this.context.store.patch({ picture: null });
      return;
    }
    void this.context.guard(() => this.pictures.fromFarm(shotId, frame));
  }

  /** Prompts changed: they are kept with the layer after a moment's rest. */
  changed(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.context.guard(() => this.keep()), REST);
  }

  /** Writes what has not been written yet. */
  async keep(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const now = this.context.state.history.present;
    if (now === this.kept || !this.layer) return;
    this.kept = now;
    await this.remember(PROMPTS, toJson(now));
  }

  private async remember(key: string, value: ReturnType<typeof toJson>): Promise<void> {
    const at = this.layer;
    if (at) await this.context.host.call("remember", { key, value, at });
  }

  private async saw(scene: Scene): Promise<void> {
    const before = this.context.state.scene;
    const ref = scene.layer?.ref ?? null;
    // Ids are of one project: another one may have a layer of the same.
    const opened = before !== null && before.projectPath !== scene.projectPath;
    const other = opened || !sameLayer(before?.layer?.ref ?? null, ref);
    const otherPlate = other || !samePlate(before?.plate ?? null, scene.plate);
    if (other) {
      await this.keepOf(opened ? null : before);
      this.context.store.patch({ native: [], history: fresh(NOTHING) });
      this.kept = NOTHING;
    }
    if (otherPlate) {
      this.pictures.forget();
      this.context.store.patch({ shotId: null, previewed: null });
    }
    if (otherPlate && before) this.forgetChoices();
    if (before === null || other || JSON.stringify(before) !== JSON.stringify(scene)) {
      this.context.store.patch({ scene, sceneTrouble: null });
    }
    if (other && ref) await this.recall(ref);
    if (otherPlate) await this.context.guard(() => this.findShot());
    const frame = scene.frame ?? (otherPlate ? (scene.plate?.firstFrame ?? null) : null);
    if (frame !== null && (otherPlate || scene.frame !== before?.frame)) this.showFrame(frame);
    if (scene.plate === null) this.context.store.patch({ frame: null });
  }

  /** Name and range of a shot are of one plate. */
  private forgetChoices(): void {
    const { choices } = this.context.state;
    this.context.store.patch({ choices: { ...choices, shot: "", frames: "" } });
  }

  /** The layer the artist leaves keeps what was said about it. */
  private async keepOf(scene: Scene | null): Promise<void> {
    const now = this.context.state.history.present;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const at = scene?.layer?.ref;
    if (!at || now === this.kept) return;
    await this.context.guard(async () => {
      await this.context.host.call("remember", { key: PROMPTS, value: toJson(now), at });
    });
  }

  private async recall(at: LayerRef): Promise<void> {
    const value = await this.context.host.call("recall", { key: PROMPTS, at });
    const kept = fromJson(value);
    if (kept) {
      this.kept = kept;
      this.context.store.patch({ history: fresh(kept) });
    }
  }

  private showFrame(frame: number): void {
    if (this.context.state.frame !== frame) this.context.store.patch({ frame });
    this.refreshPicture();
  }
}

function samePlate(one: PlateInfo | null, other: PlateInfo | null): boolean {
  if (!one || !other) return one === other;
  return one.path === other.path && formOf(one) === formOf(other);
}

function formOf(plate: PlateInfo): string {
  return `${plate.firstFrame}-${plate.lastFrame} ${plate.width}x${plate.height}`;
}

/**
 * Whether two paths name one plate, perhaps as two machines have mounted its disk. Below one and
 * the same mount every folder counts: another shot's plate is often called the same.
 */
export function isSamePath(one: string, other: string): boolean {
  if (one === other) return true;
  const [a, b] = [one, other].map((path) => path.split(/[\\/]/).filter(Boolean)) as [
    string[],
    string[],
  ];
  if (a[0] === b[0]) return false;
  const most = Math.min(TAIL, a.length, b.length);
  return a.slice(-most).join("/") === b.slice(-most).join("/");
}

export function sameLayer(one: LayerRef | null, other: LayerRef | null): boolean {
  if (!one || !other) return one === other;
  return one.comp === other.comp && one.layer === other.layer;
}
