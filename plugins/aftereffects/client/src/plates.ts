/** What an artist's plate is called, and which of its files are on this machine (plates.py). */

import { RotoError } from "./errors";
import type { Files } from "./files";
import { asName } from "./requests";
import type { FrameRange } from "./types";

const MOVIES = [".mp4", ".mov", ".mxf", ".m4v", ".mkv", ".avi", ".webm"];
const PICTURES = [".exr", ".dpx", ".png", ".tif", ".tiff", ".jpg", ".jpeg"];

/** `folder` ends with its slash; a sequence's files are `prefix` + number + `suffix`. */
export interface PlateName {
  kind: "sequence" | "movie";
  folder: string;
  /** A movie's whole file name. */
  prefix: string;
  /** The least number of digits; 1 means not padded. */
  padding: number;
  suffix: string;
  /** Digits of the one file it was named by, which say how long numbers are at most. */
  digits?: number;
}

/** A movie, `plate.%04d.exr`, `plate.####.exr`, or a sequence by one of its files. */
export function parsePlate(path: string): PlateName {
  const slash = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
  const [folder, name] = [path.slice(0, slash), path.slice(slash)];
  const extension = (/\.[^.]*$/.exec(name)?.[0] ?? "").toLowerCase();
  if (MOVIES.includes(extension)) {
    return { kind: "movie", folder, prefix: name, padding: 1, suffix: "" };
  }
  if (!PICTURES.includes(extension)) {
    throw new RotoError(`${path} is neither an image sequence nor a movie.`, {
      code: "unsupported_plate",
      hint: "Sequences: EXR, DPX, PNG, TIFF, JPEG; movies: MP4, MOV, MXF, MKV, AVI, WebM.",
    });
  }
  const field = /%(?:0(\d))?d|#+/.exec(name);
  const number = field ?? /\d+(?=\D*\.[^.]*$)/.exec(name);
  if (!number) {
    throw new RotoError(`${name} holds no frame number.`, {
      code: "bad_range",
      hint: "The farm reads movies and numbered sequences; render a still as a sequence.",
    });
  }
  const [text, printed] = number;
  const found: PlateName = {
    kind: "sequence",
    folder,
    prefix: name.slice(0, number.index),
    padding: text.startsWith("%") ? Number(printed ?? 1) : text.length,
    suffix: name.slice(number.index + text.length),
  };
  // A number that begins with no 0 says nothing of how shorter ones are written.
  const open = !field && !text.startsWith("0");
  return open ? { ...found, padding: Math.min(4, text.length), digits: text.length } : found;
}

/** The path with a printf field (`/mnt/plate.%04d.exr`), or the movie's. */
export function printf(name: PlateName): string {
  const field = name.padding > 1 ? `%0${name.padding}d` : "%d";
  return name.folder + name.prefix + (name.kind === "movie" ? "" : field + name.suffix);
}

/** The file of one plate frame; the movie itself. */
export function fileOf(name: PlateName, frame: number): string {
  if (name.kind === "movie") {
    return printf(name);
  }
  return name.folder + name.prefix + padded(frame, name.padding) + name.suffix;
}

/** As printf's `%04d` does: the sign counts as one of the characters. */
function padded(frame: number, padding: number): string {
  const digits = String(Math.abs(frame));
  return frame < 0 ? `-${digits.padStart(padding - 1, "0")}` : digits.padStart(padding, "0");
}

/** A plate and what of it this machine can read. */
export class LocalPlate {
  /** `frames`: those on this disk, ascending; none of a movie, or where there is no disk. */
  constructor(
    readonly name: PlateName,
    readonly frames: readonly number[],
    readonly isHere: boolean,
  ) {}

  get path(): string {
    return printf(this.name);
  }

  /** A name for its shot: the file's, without number, or the folder's. */
  get shotName(): string {
    const { kind, prefix, folder } = this.name;
    const stem = kind === "movie" ? prefix.replace(/\.[^.]*$/, "") : prefix;
    const parent = folder.split(/[/\\]/).filter(Boolean).pop() ?? "";
    return asName(stem) || asName(parent) || "plate";
  }

  /** `wanted`, else the range on this disk, else undefined (only the farm can tell). */
  range(wanted?: FrameRange): FrameRange | undefined {
    const [first, last] = [this.frames[0], this.frames[this.frames.length - 1]];
    return wanted ?? (first === undefined || last === undefined ? undefined : [first, last]);
  }

  /** The files of the frames `wanted` (all by default), or the movie. */
  files(wanted?: FrameRange): string[] {
    if (this.name.kind === "movie") {
      return [this.path];
    }
    this.checkComplete(wanted);
    const [first, last] = this.range(wanted) ?? [0, -1];
    return this.frames
      .filter((frame) => frame >= first && frame <= last)
      .map((frame) => fileOf(this.name, frame));
  }

  /** Throws `range_outside_plate`, or `missing_frame` if the sequence has a hole in `wanted`. */
  checkComplete(wanted?: FrameRange): void {
    const chosen = this.range(wanted);
    const there = this.range();
    if (this.name.kind === "movie" || !chosen || !there) {
      return;
    }
    if (chosen[0] < there[0] || chosen[1] > there[1]) {
      throw new RotoError(
        `Frames ${chosen.join("-")} are asked for; the plate has ${there.join("-")}.`,
        { code: "range_outside_plate", hint: "Ask for frames the plate has." },
      );
    }
    const present = new Set(this.frames);
    const missing: number[] = [];
    for (let frame = chosen[0]; frame <= chosen[1]; frame++) {
      if (!present.has(frame)) {
        missing.push(frame);
      }
    }
    if (missing.length > 0) {
      const shown = missing.slice(0, 5).join(", ") + (missing.length > 5 ? " ..." : "");
      throw new RotoError(
        `${this.path} lacks ${missing.length} of the frames ${chosen.join("-")}: ${shown}`,
        {
          code: "missing_frame",
          hint: "Render the missing frames, or give a range without them.",
          detail: { missing: missing.slice(0, 100) },
        },
      );
    }
  }
}

/** The plate `path` names. Without a disk it is believed (the server may see it). */
export async function findPlate(files: Files | null, path: string): Promise<LocalPlate> {
  const name = parsePlate(path);
  if (!files) {
    return new LocalPlate(name, [], false);
  }
  if (name.kind === "movie") {
    const facts = await files.facts(path);
    return new LocalPlate(name, [], facts !== null && !facts.isFolder);
  }
  const { prefix, suffix, digits: most } = name;
  const numbers = (await files.list(name.folder || "."))
    .filter((entry) => entry.startsWith(prefix) && entry.endsWith(suffix))
    .map((entry) => entry.slice(prefix.length, entry.length - suffix.length))
    .filter((digits) => /^-?\d+$/.test(digits));
  if (most !== undefined) {
    name.padding = Math.min(most, ...numbers.map((digits) => digits.length));
  }
  const frames = numbers
    .filter((digits) => digits === padded(Number(digits), name.padding))
    .map(Number)
    .sort((one, other) => one - other);
  return new LocalPlate(name, frames, frames.length > 0);
}

/** Whether a file of the plate was written after `moment` (milliseconds since the epoch). */
export async function changedSince(
  files: Files,
  plate: LocalPlate,
  moment: number,
  wanted?: FrameRange,
): Promise<boolean> {
  if (!plate.isHere) {
    return false;
  }
  for (const file of plate.files(wanted)) {
    const facts = await files.facts(file);
    if (facts && facts.modified > moment) {
      return true;
    }
  }
  return false;
}
