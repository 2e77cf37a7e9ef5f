/** The frame on the canvas: from the farm once the plate is there, else from After Effects. */

import type { FramePicture } from "../../../client/src/client";
import { sleep } from "../../../client/src/retry";
import { isQuiet, PanelError } from "../errors";
import type { Context } from "./context";
import type { Picture } from "./state";

const KEPT = 24;
const PNG_TRIES = 100;
const PNG_PAUSE = 100;
/** The chunk every complete PNG ends with: length 0, "IEND", its checksum. */
const IEND = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];

export type Decode = (bytes: Uint8Array, type: string) => Promise<CanvasImageSource>;

/** In the browser; tests give another. */
export const decode: Decode = (bytes, type) =>
  createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));

export class Pictures {
  private readonly kept = new Map<string, Picture>();
  private wanted: AbortController | null = null;

  constructor(
    private readonly context: Context,
    private readonly decode: Decode,
  ) {}

  /** Shows a frame of the shot at the farm; a newer request takes its place. */
  async fromFarm(shotId: string, frame: number): Promise<void> {
    this.wanted?.abort();
    const kept = this.kept.get(`${shotId} ${frame}`);
    if (kept) {
      this.context.store.patch({ picture: kept });
      return;
    }
    const wanted = new AbortController();
    this.wanted = wanted;
    try {
      const told = await this.context.farm.frame(shotId, frame, { signal: wanted.signal });
      const picture = await this.decoded(told);
      this.keep(`${shotId} ${frame}`, picture);
      if (!wanted.signal.aborted) this.context.store.patch({ picture });
    } catch (error) {
      if (!wanted.signal.aborted && !isQuiet(error)) throw error;
    }
  }

  /** Has After Effects write the frame as its composition shows it, and shows that. */
  async fromHost(frame: number, signal: AbortSignal): Promise<void> {
    this.wanted?.abort();
    const files = this.context.files;
    if (!files) {
      throw new PanelError(
        "The panel may not read files here.",
        "In After Effects it may; in a browser use the farm's picture.",
      );
    }
    const at = this.context.state.scene?.layer?.ref;
    const saved = await this.context.host.call("saveFrame", { frame, ...(at && { at }) });
    const bytes = await wholePng(() => files.read(saved.file), signal);
    const image = await this.decode(bytes, "image/png");
    const picture = { frame: saved.frame, image, toPicture: saved.toPicture };
    this.context.store.patch({ picture });
  }

  forget(): void {
    this.wanted?.abort();
    this.kept.clear();
    this.context.store.patch({ picture: null });
  }

  private async decoded(told: FramePicture): Promise<Picture> {
    return { frame: told.frame, image: await this.decode(told.bytes, told.type), toPicture: null };
  }

  private keep(name: string, picture: Picture): void {
    this.kept.set(name, picture);
    for (const old of this.kept.keys()) {
      if (this.kept.size <= KEPT) break;
      this.kept.delete(old);
    }
  }
}

/** A PNG that After Effects writes while we wait: it is there when its last chunk is. */
export async function wholePng(
  read: () => Promise<Uint8Array>,
  signal?: AbortSignal,
  pause = PNG_PAUSE,
): Promise<Uint8Array> {
  let last: unknown = null;
  for (let tries = 0; tries < PNG_TRIES; tries++) {
    try {
      const bytes = await read();
      const end = bytes.subarray(bytes.length - IEND.length);
      if (bytes.length > IEND.length && IEND.every((byte, i) => end[i] === byte)) return bytes;
    } catch (error) {
      // It is not there yet; told below if it never comes.
      last = error;
    }
    await sleep(pause, signal);
  }
  throw new PanelError(
    `After Effects did not write its picture${last instanceof Error ? ` (${last.message})` : ""}.`,
    "Try again when it is not rendering, or send the plate and use the farm's picture.",
  );
}
