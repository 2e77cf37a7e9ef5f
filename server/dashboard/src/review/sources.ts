/** Where the player's pictures come from, and what they are made into before they are drawn. */

import { fetched } from "../api/client";
import { Problem, type Told } from "../api/problem";
import { alphaOf, edgeOf, type Rgba } from "./mattes";
import type { Picture } from "./pictures";

export function plateAddress(shot: string, frame: number, view: string, version: number | null): string {
  const query = new URLSearchParams({ view });
  if (version !== null) query.set("version", String(version));
  return `/api/v1/shots/${shot}/frames/${frame}?${query}`;
}

/**
 * `attempt`: the try that makes the job's mattes. It is no part of what the server is asked for, and
 * tells mattes of one try from those of another where they are kept.
 */
export function matteAddress(job: string, object: string, frame: number, attempt: string | null = null): string {
  const address = `/api/v1/jobs/${job}/mattes/${frame}?${new URLSearchParams({ object })}`;
  return attempt ? `${address}#${attempt}` : address;
}

/** A matte to draw: itself, and its edge. */
export class Matte implements Picture {
  readonly width: number;
  /** Twice, for there are two pictures. */
  readonly height: number;

  constructor(
    readonly fill: ImageBitmap,
    readonly edge: ImageBitmap,
  ) {
    this.width = fill.width;
    this.height = fill.height * 2;
  }

  close(): void {
    this.fill.close();
    this.edge.close();
  }
}

export async function loadPlate(address: string, signal: AbortSignal): Promise<ImageBitmap> {
  return createImageBitmap(await bytes(address, signal));
}

/** A grey picture as a matte; the picture is closed. */
export async function matteOf(picture: ImageBitmap): Promise<Matte> {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("This browser draws no pictures.");
  context.drawImage(picture, 0, 0);
  picture.close();
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height) as Rgba;
  return new Matte(await bitmap(alphaOf(pixels)), await bitmap(edgeOf(pixels)));
}

export async function bytes(address: string, signal: AbortSignal): Promise<Blob> {
  const answer = await fetched(new Request(address, { signal }));
  if (!answer.ok) throw new Problem(answer.status, (await answer.json().catch(() => ({}))) as Told);
  return answer.blob();
}

function bitmap({ data, width, height }: Rgba): Promise<ImageBitmap> {
  return createImageBitmap(new ImageData(data, width, height));
}
