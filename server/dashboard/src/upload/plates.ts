/** What was dropped, as plates: movies, and numbered pictures of one name put together. */

import { RotoError } from "roto-client/errors";
import { parsePlate } from "roto-client/plates";
import { asName } from "roto-client/requests";

export interface Dropped {
  /** With the folders it was dropped in: `plates/sh010/sh010.1001.exr`. */
  path: string;
  file: File;
  /** What a browser may read it by again after a reload: the file's handle, or that of the dropped folder. */
  origin?: FileSystemHandle;
  /** Of XML: it goes with a clip and is no edit list. */
  isSidecar?: boolean;
  /** Which folder of its drop it came in: two may be called alike. */
  parcel?: number;
}

type Range = [number, number];

export interface FoundPlate {
  kind: "movie" | "sequence";
  /** What people read: a file, or `sh010.[1001-1024].exr`. */
  title: string;
  /** Where it was dropped from, with its slash; "" for files that were dropped by themselves. */
  folder: string;
  /** A name for the shot. */
  name: string;
  files: Dropped[];
  size: number;
  frames: Range | null;
  /** Frames between the first and the last that are not there. */
  gaps: Range[];
}

/** What is left out, and why. */
export interface Left {
  path: string;
  why: string;
}

export interface Sorted {
  plates: FoundPlate[];
  others: Left[];
  /** EDL, XML, AAF, OTIO: they are no plates, shots are made by them. */
  lists: Dropped[];
}

export const NOTHING: Sorted = { plates: [], others: [], lists: [] };

interface Frame {
  parsed: Parsed;
  number: number;
  one: Dropped;
}

const LIST = /\.(edl|fcpxml|xml|aaf|otio)$/i;
/** What systems leave in folders is nobody's plate. */
const SYSTEM = /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini|__MACOSX\/.*)$/i;
const NAME_BYTES = 200;
const TWICE = "a frame of it came twice, of two folders: drop one folder after the other";

/** What came out of one folder, or loose at once. */
export function sortPlates(dropped: readonly Dropped[]): Sorted {
  const sequences = new Map<string, Frame[]>();
  const plates: FoundPlate[] = [];
  const others: Left[] = [];
  const lists: Dropped[] = [];
  for (const one of dropped) {
    if (SYSTEM.test(one.path)) continue;
    if (LIST.test(one.path) && !one.isSidecar) {
      lists.push(one);
      continue;
    }
    const parsed = parse(one);
    if (typeof parsed === "string") others.push({ path: one.path, why: parsed });
    else if (parsed.kind === "movie") plates.push(movie(one, parsed.folder, parsed.prefix));
    else {
      const key = [parsed.folder, parsed.prefix, parsed.suffix].join("\n");
      const frame = { parsed, number: numberOf(parsed, one), one };
      if (!sequences.get(key)?.push(frame)) sequences.set(key, [frame]);
    }
  }
  for (const frames of sequences.values()) {
    const runs = runsOf(frames);
    if (runs.length === 1 || areWhole(runs)) plates.push(...runs.map(sequencePlate));
    else others.push(...frames.map(({ one }) => ({ path: one.path, why: TWICE })));
  }
  return { plates: named(ordered(plates)), others, lists };
}

/** More has been dropped: sequences may grow, and names that were chosen stay. */
export function withMore(before: Sorted, dropped: readonly Dropped[]): Sorted {
  const known = new Set([...before.plates.flatMap(({ files }) => files), ...before.lists].map(identity));
  const isNew = (one: Dropped) => !known.has(identity(one));
  const parcels = [...Map.groupBy(dropped, ({ parcel }) => parcel).values()].map(sortPlates);
  const more = parcels.flatMap(({ plates }) => plates).filter(({ files }) => files.some(isNew));
  const grown = grownBy(before.plates, more, isNew);
  const kept = before.plates.map((plate) => grown.get(plate) ?? plate);
  // What is dropped again is told of anew: it may be taken now.
  const again = new Set(dropped.map(({ path }) => path));
  const left = [...before.others.filter(({ path }) => !again.has(path)), ...parcels.flatMap(({ others }) => others)];
  return {
    plates: ordered([...kept, ...named(more.filter((plate) => !grown.has(plate)), kept)]),
    others: [...new Map(left.map((one) => [one.path, one])).values()],
    lists: [...before.lists, ...parcels.flatMap(({ lists }) => lists).filter(isNew)],
  };
}

/** By plate that was there and by what came, the sequence they are together. */
function grownBy(
  before: readonly FoundPlate[],
  more: readonly FoundPlate[],
  isNew: (one: Dropped) => boolean,
): Map<FoundPlate, FoundPlate> {
  const grown = new Map<FoundPlate, FoundPlate>();
  const wholes = Map.groupBy(before, keyOf);
  for (const [key, parts] of Map.groupBy(more, keyOf)) {
    const pairs = parts.flatMap((part) => {
      const frames = framesOf(part).filter(({ one }) => isNew(one));
      return (wholes.get(key) ?? []).filter((whole) => fits(frames, whole)).map((whole) => ({ part, frames, whole }));
    });
    for (const { part, frames, whole } of pairs) {
      // Where it may belong to two, or two to it, nothing is put together: it would be another's pixels.
      if (pairs.some((other) => (other.part === part) !== (other.whole === whole))) continue;
      const both = { ...sequencePlate([...framesOf(whole), ...frames]), name: whole.name };
      grown.set(whole, both).set(part, both);
    }
  }
  return grown;
}

/** Whether `whole` lacks all of the frames. */
function fits(frames: readonly Frame[], whole: FoundPlate): boolean {
  const there = new Set(framesOf(whole).map(({ number }) => number));
  return frames.length > 0 && !frames.some(({ number }) => there.has(number));
}

/** Files of one name may come from two folders, and loose ones do not say from which. */
export function identity({ path, file }: Dropped): string {
  return `${path}\n${file.size}\n${file.lastModified}`;
}

/** The longest run of frames without a hole. */
export function longestRun({ frames, gaps }: FoundPlate): Range {
  let best: Range = [0, -1];
  let from = frames?.[0] ?? 0;
  for (const [first, last] of [...gaps, [(frames?.[1] ?? -1) + 1, 0] as Range]) {
    if (first - from > best[1] - best[0] + 1) best = [from, first - 1];
    from = last + 1;
  }
  return best;
}

/** The sequence with those frames only. */
export function cutTo(plate: FoundPlate, [first, last]: Range): FoundPlate {
  const frames = framesOf(plate).filter(({ number }) => number >= first && number <= last);
  return { ...sequencePlate(frames), name: plate.name };
}

/** "1003, 1007-1009 and 12 more" of frames that are missing. */
export function gapsText(gaps: readonly Range[], most = 4): string {
  const told = gaps.slice(0, most).map(([first, last]) => (first === last ? `${first}` : `${first}–${last}`));
  const more = gaps.slice(most).reduce((sum, [first, last]) => sum + last - first + 1, 0);
  return told.join(", ") + (more ? ` and ${more} more` : "");
}

function compare(one: string, other: string): number {
  return one.localeCompare(other, undefined, { numeric: true });
}

type Parsed = ReturnType<typeof parsePlate>;

/** The plate it is a file of, or why it is none. */
function parse({ path, file }: Dropped): Parsed | string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  try {
    const parsed = parsePlate(path);
    if (/[\\%#*?"<>|:]/.test(name) || new TextEncoder().encode(name).length > NAME_BYTES) {
      return `its name is too long or holds one of \\ % # * ? " < > | : — rename it`;
    }
    if (file.size === 0) return "it is empty (0 bytes): render or copy it again";
    return parsed;
  } catch (error) {
    if (!(error instanceof RotoError)) throw error;
    return error.code === "bad_range"
      ? "a picture without a frame number: render a still as a sequence"
      : "neither a movie nor a picture of a sequence";
  }
}

function numberOf({ folder, prefix, suffix }: Parsed, { path }: Dropped): number {
  return Number(path.slice(folder.length + prefix.length, path.length - suffix.length));
}

/** Of a sequence; a movie has none. */
function framesOf({ kind, files }: FoundPlate): Frame[] {
  if (kind === "movie") return [];
  return files.flatMap((one) => {
    const parsed = parse(one);
    return typeof parsed === "string" ? [] : [{ parsed, number: numberOf(parsed, one), one }];
  });
}

/** What files of one sequence have in common. */
function keyOf({ kind, files }: Pick<FoundPlate, "kind" | "files">): string {
  const parsed = files[0] && parse(files[0]);
  if (!parsed || typeof parsed === "string") return "";
  return [kind, parsed.folder, parsed.prefix, parsed.suffix].join("\n");
}

/** A frame that is there already begins a run of its own: it is of another folder of that name. */
function runsOf(frames: readonly Frame[]): Frame[][] {
  const runs: Frame[][] = [];
  let there = new Set<number>();
  for (const frame of frames) {
    if (!runs.length || there.has(frame.number)) {
      runs.push([]);
      there = new Set();
    }
    there.add(frame.number);
    runs.at(-1)?.push(frame);
  }
  return runs;
}

/** Loose files do not say which folder they are of; the same frames in order, run after run, do. */
function areWhole(runs: readonly Frame[][]): boolean {
  const numbers = runs.map((run) => run.map(({ number }) => number));
  return numbers.every((run) => run.join() === numbers[0]?.join() && !run.some((one, at) => one < (run[at - 1] ?? one)));
}

function movie(one: Dropped, folder: string, file: string): FoundPlate {
  const name = shotName(stem(file));
  return { kind: "movie", title: file, folder, name, files: [one], size: one.file.size, frames: null, gaps: [] };
}

function sequencePlate(frames: readonly Frame[]): FoundPlate {
  const inOrder = frames.toSorted((one, other) => one.number - other.number);
  const numbers = inOrder.map(({ number }) => number);
  const sorted = inOrder.map(({ one }) => one);
  const { folder, prefix, suffix } = (frames[0] as Frame).parsed;
  const [first, last] = [numbers[0] ?? 0, numbers.at(-1) ?? 0];
  return {
    kind: "sequence",
    title: `${prefix}[${first}-${last}]${suffix}`,
    folder,
    name: shotName(prefix) || shotName(parentOf(folder)),
    files: sorted,
    size: sorted.reduce((sum, { file }) => sum + file.size, 0),
    frames: [first, last],
    gaps: gapsOf(numbers),
  };
}

/** macOS writes ü as u with a mark; people and the server's other names do not. */
function shotName(text: string): string {
  return asName(text.normalize("NFC"));
}

function gapsOf(numbers: readonly number[]): Range[] {
  const gaps: Range[] = [];
  numbers.forEach((number, at) => {
    const before = numbers[at - 1];
    if (before !== undefined && number > before + 1) gaps.push([before + 1, number - 1]);
  });
  return gaps;
}

function ordered(plates: readonly FoundPlate[]): FoundPlate[] {
  return plates.toSorted((one, other) => compare(one.title, other.title) || compare(one.folder, other.folder));
}

/**
 * No two of one name, nor of one of those that are there: shots' names are unique in a project. As the
 * server names what it finds: after the file where no other plate has that, else after the folder
 * (`sh100/plate.1001.exr`), else after both; a number where all that is taken.
 */
function named(plates: readonly FoundPlate[], there: readonly FoundPlate[] = []): FoundPlate[] {
  const taken = new Set(there.map(({ name }) => name.trim().toLowerCase()));
  const names = new Map<FoundPlate, string>();
  const take = (plate: FoundPlate, name: string) => {
    names.set(plate, name);
    taken.add(name.toLowerCase());
  };
  const isFree = (name: string) => name !== "" && !taken.has(name.toLowerCase());
  let left = [...there, ...plates].map((plate) => ({ plate, choices: choicesOf(plate), isNew: !there.includes(plate) }));
  for (const column of [0, 1, 2] as const) {
    const alike = Map.groupBy(left, ({ choices }) => choices[column].toLowerCase());
    left = left.filter(({ plate, choices, isNew }) => {
      const name = choices[column];
      if (alike.get(name.toLowerCase())?.length !== 1 || (isNew && !isFree(name))) return true;
      if (isNew) take(plate, name);
      return false;
    });
  }
  for (const { plate } of left.filter(({ isNew }) => isNew)) {
    const base = plate.name || "shot";
    let name = base;
    for (let number = 2; !isFree(name); number++) name = `${base}_${number}`;
    take(plate, name);
  }
  return plates.map((plate) => ({ ...plate, name: names.get(plate) ?? plate.name }));
}

/** After its file, its folder and both, as they were dropped: what was chosen since does not count. */
function choicesOf({ kind, files: [file], folder }: FoundPlate): [string, string, string] {
  const parsed = file && parse(file);
  const prefix = parsed && typeof parsed !== "string" ? parsed.prefix : "";
  const title = kind === "movie" ? stem(prefix) : prefix;
  const parent = parentOf(folder);
  return [shotName(title), shotName(parent), parent && shotName(`${parent}_${title}`)];
}

function stem(file: string): string {
  return file.replace(/\.[^.]*$/, "");
}

function parentOf(folder: string): string {
  return folder.split("/").filter(Boolean).at(-1) ?? "";
}
