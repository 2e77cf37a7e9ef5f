/**
 * What the player's canvas shows: the pictures of a frame are asked for, and drawn once all of them
 * are there. Until then the frame before stays, so that a matte is never seen on another's plate.
 */

import { mayPass } from "../api/problem";
import { compose, composeDifference, composeWipe, type DrawnObject, isolate, type Scene } from "./compose";
import type { Lack } from "./lacks";
import { askedOf, type Making, mayBeThere, NOT_MADE } from "./made";
import type { PlayerState } from "./player";
import { aheadIn, Pictures, Room, soonNeeded } from "./pictures";
import { MatteMaker, type PlacedMatte } from "./placed";
import { loadPlate, matteAddress, plateAddress } from "./sources";

export interface Cast {
  job: string;
  /** The try that made its mattes, or is making them. */
  attempt: string | null;
  objects: readonly { name: string; color: string; prompts: readonly number[] }[];
  version: number;
  /** Null: it succeeded, all of its mattes are there. */
  making: Making | null;
}

export interface Reel {
  shot: string;
  view: string;
  plateVersion: number | null;
  /** The plate, in pixels. */
  width: number;
  height: number;
  cast: Cast | null;
  /** Another version, to compare with. */
  other: Cast | null;
}

/** As the server makes proxies. */
const PROXY_LINES = 540;
const AHEAD = 24;
const PARALLEL = 6;

export class Screen {
  readonly canvas = document.createElement("canvas");
  /** The plate frame that is drawn; null before the first. */
  shown: number | null = null;
  private readonly room = new Room();
  private readonly maker = new MatteMaker();
  private readonly plates = new Pictures<ImageBitmap>(loadPlate, { room: this.room, parallel: PARALLEL });
  private readonly mattes = new Pictures<PlacedMatte>(this.maker.load, { room: this.room, parallel: PARALLEL });
  /** Addresses by frame, for they are asked for many times a second. */
  private readonly named = { plates: new Map<number, string>(), mattes: new Map<Cast, Map<number, string[]>>() };
  private readonly context = contextOf(this.canvas);
  private readonly scratches = [contextOf(document.createElement("canvas")), contextOf(document.createElement("canvas"))] as const;
  private reel: Reel | null = null;
  /** Steps that jobs which have not succeeded were told to have tracked, by job. */
  private readonly done = new Map<string, number>();
  /** Frames that were told to be there, by job. */
  private readonly come = new Map<string, Set<number>>();
  /** Another picture than the one that is drawn is waited for. */
  private stale = true;
  /** What was not there when it was drawn, and may come yet. */
  private lacks: readonly string[] = [];

  /** Told whenever a picture has come. */
  listen(told: () => void): () => void {
    const ends = [this.plates.listen(told), this.mattes.listen(told)];
    return () => ends.forEach((end) => void end());
  }

  load(reel: Reel): void {
    const isOther = reel.shot !== this.reel?.shot || reel.view !== this.reel.view;
    this.reel = reel;
    this.stale = true;
    this.named.plates.clear();
    this.named.mattes.clear();
    const height = Math.min(PROXY_LINES, reel.height);
    const width = Math.max(1, Math.round((reel.width * height) / reel.height));
    for (const { canvas } of [this.context, ...this.scratches]) {
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    }
    if (isOther) this.shown = null;
  }

  /** More may be there: what was missing is asked for again. */
  retry(): void {
    this.plates.retry();
    this.mattes.retry();
  }

  /** What only could not be reached is asked for again. */
  reach(): void {
    this.plates.retry(mayPass);
    this.mattes.retry(mayPass);
  }

  /** What the frame is shown without, or waits for in vain. */
  lacking({ at, hidden, compare }: PlayerState): Lack[] {
    const lacks: Lack[] = [{ object: null, why: this.plates.whyNot(this.plate(at)) }];
    for (const cast of this.casts(compare)) {
      this.mattesOf(cast, at).forEach((address, index) => {
        const object = cast.objects[index]?.name ?? "";
        const why = this.canBe(cast, index, at) ? this.mattes.whyNot(address) : NOT_MADE;
        if (!hidden.has(object)) lacks.push({ object, why, version: cast.version, lives: cast.making?.lives });
      });
    }
    return lacks.filter(({ why }) => why !== undefined);
  }

  /** A job was told to have tracked so many steps: more may be there. */
  tell(job: string, done: number): void {
    this.done.set(job, done);
    this.retry();
  }

  /** A frame of it was told to be there. */
  tellFrame(job: string, frame: number): void {
    this.come.set(job, (this.come.get(job) ?? new Set()).add(frame));
    this.retry();
  }

  /** The mattes may be others: a job has ended, or is tried again. */
  forgetMattes(): void {
    this.mattes.clear();
    this.stale = true;
  }

  close(): void {
    this.plates.clear();
    this.mattes.clear();
    this.maker.close();
  }

  /** Whether all that the frame shows is there, or will not come. */
  isThere(state: PlayerState, frame: number): boolean {
    return (
      this.plates.isSettled(this.plate(frame)) &&
      this.matteAddresses(state, frame).every((address) => this.mattes.isSettled(address))
    );
  }

  /** Ask for what is needed next, and draw the frame if it can be; whether it was. */
  show(state: PlayerState): boolean {
    if (!this.reel) return false;
    const direction = state.direction || state.lastDirection;
    const objects = (this.reel.cast?.objects.length ?? 0) + (this.reel.other?.objects.length ?? 0);
    // A matte is two pictures, at most as large as the plate's.
    const each = this.canvas.width * this.canvas.height * 4 * (1 + 2 * objects);
    const frames = soonNeeded(state.at, direction, state.loop, aheadIn(this.room.most, each, AHEAD));
    this.plates.want(frames.map((frame) => this.plate(frame)));
    this.mattes.want(this.casts(state.compare).flatMap((cast) => this.soonOf(cast, state, frames)));
    this.stale = !this.isThere(state, state.at);
    if (this.stale) return false;
    this.draw(state, this.reel);
    const addresses = [this.plate(state.at), ...this.matteAddresses(state, state.at)];
    this.lacks = addresses.filter((address) => !this.has(address));
    this.shown = state.at;
    return true;
  }

  /** Whether a picture that has come may change what is to be seen: most are of frames to come. */
  isBehind(): boolean {
    return this.stale || this.lacks.some((address) => this.has(address));
  }

  private has(address: string): boolean {
    return this.plates.has(address) || this.mattes.has(address);
  }

  private draw(state: PlayerState, reel: Reel): void {
    const { width, height } = this.canvas;
    const scene: Scene = {
      width,
      height,
      plate: this.plates.get(this.plate(state.at)) ?? null,
      objects: this.drawn(reel.cast, state),
      overlay: state.overlay,
      ground: state.ground,
    };
    const scratch = () => this.scratches[0];
    const other = this.drawn(reel.other, state);
    if (reel.other && state.compare === "difference") {
      composeDifference(this.context, scene, other, scratch);
    } else if (reel.other && state.compare === "wipe") {
      composeWipe(this.context, scene, other, state.wipe, scratch, this.scratches[1]);
    } else {
      compose(this.context, scene, scratch);
    }
    isolate(this.context, scene, state.channel);
  }

  private drawn(cast: Cast | null, { at, hidden }: PlayerState): DrawnObject[] {
    if (!cast) return [];
    const addresses = this.mattesOf(cast, at);
    return cast.objects.flatMap(({ name, color }, index) => {
      if (hidden.has(name)) return [];
      const matte = this.mattes.get(addresses[index] ?? "");
      return [{ name, color, matte: matte?.fill ?? null, edge: matte?.edge ?? null }];
    });
  }

  private plate(frame: number): string {
    const known = this.named.plates.get(frame);
    if (known !== undefined) return known;
    const { shot = "", view = "main", plateVersion = null } = this.reel ?? {};
    const address = plateAddress(shot, frame, view, plateVersion);
    this.named.plates.set(frame, address);
    return address;
  }

  private matteAddresses({ hidden, compare }: PlayerState, frame: number): string[] {
    return this.casts(compare).flatMap((cast) => this.shownOf(cast, hidden, frame));
  }

  /** Those of a frame that are to be seen, and can be there. */
  private shownOf(cast: Cast, hidden: PlayerState["hidden"], frame: number): string[] {
    return this.mattesOf(cast, frame).filter(
      (_, index) => !hidden.has(cast.objects[index]?.name ?? "") && this.canBe(cast, index, frame),
    );
  }

  private soonOf(cast: Cast, { hidden }: PlayerState, frames: readonly number[]): string[] {
    const soon = frames.map((frame) => this.shownOf(cast, hidden, frame));
    return cast.making ? askedOf(soon, (address) => this.mattes.has(address)) : soon.flat();
  }

  private canBe({ job, attempt, making, objects }: Cast, index: number, frame: number): boolean {
    if (!making || this.come.get(job)?.has(frame)) return true;
    const { prompts = [] } = objects[index] ?? {};
    return attempt !== null && mayBeThere(making, prompts, frame, this.done.get(job) ?? 0);
  }

  /** The version that is shown, and the one beside it. */
  private casts(compare: PlayerState["compare"]): Cast[] {
    const { cast = null, other = null } = this.reel ?? {};
    return [cast, compare === "off" ? null : other].filter((one) => one !== null);
  }

  /** In the order of the cast's objects. */
  private mattesOf(cast: Cast, frame: number): string[] {
    const frames = this.named.mattes.get(cast) ?? new Map<number, string[]>();
    this.named.mattes.set(cast, frames);
    const known = frames.get(frame);
    if (known) return known;
    const made = cast.objects.map(({ name }) => matteAddress(cast.job, name, frame, cast.attempt));
    frames.set(frame, made);
    return made;
  }
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser draws no pictures.");
  return context;
}
