/** Mattes as the player draws them: no more of a matte than there is to be seen of it. */

import type { Asked, Made } from "./mattes.worker";
import type { Picture } from "./pictures";
import { bytes } from "./sources";

/** A picture and where it lies: shares of the width and height of all that is shown. */
export interface Placed {
  image: CanvasImageSource;
  x: number;
  y: number;
  width: number;
  height: number;
}

export class PlacedMatte implements Picture {
  readonly width: number;
  /** Twice, for there are two pictures. */
  readonly height: number;
  readonly fill: Placed | null;
  readonly edge: Placed | null;

  constructor(private readonly made: Made) {
    const { box, fill, edge, width = 1, height = 1 } = made;
    this.width = box?.width ?? 0;
    this.height = 2 * (box?.height ?? 0);
    const at = box && { x: box.x / width, y: box.y / height, width: box.width / width, height: box.height / height };
    this.fill = at && fill ? { image: fill, ...at } : null;
    this.edge = at && edge ? { image: edge, ...at } : null;
  }

  close(): void {
    this.made.fill?.close();
    this.made.edge?.close();
  }
}

interface Waiting {
  resolve(matte: PlacedMatte): void;
  reject(error: Error): void;
}

/** One worker that makes mattes, several at a time. */
export class MatteMaker {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;

  readonly load = async (address: string, signal: AbortSignal): Promise<PlacedMatte> => {
    const png = await bytes(address, signal);
    return new Promise((resolve, reject) => {
      const id = (this.last += 1);
      this.waiting.set(id, { resolve, reject });
      (this.worker ??= this.start()).postMessage({ id, png } satisfies Asked);
    });
  };

  close(): void {
    this.worker?.terminate();
    this.worker = null;
    this.failed("The player was closed.");
  }

  private start(): Worker {
    const worker = new Worker(new URL("./mattes.worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Made>) => {
      const one = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      const matte = new PlacedMatte(data);
      if (!one) matte.close();
      else if (data.error) one.reject(new Error(data.error));
      else one.resolve(matte);
    };
    worker.onerror = () => this.failed("The mattes could not be read.");
    return worker;
  }

  private failed(why: string): void {
    for (const { reject } of this.waiting.values()) reject(new Error(why));
    this.waiting.clear();
  }
}
