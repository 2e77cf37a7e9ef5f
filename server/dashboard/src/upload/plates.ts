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

interface Sequence {
  folder: string;
  prefix: string;
  suffix: string;
  files: Map<number, Dropped>;
}

const LIST = /\.(edl|fcpxml|xml|aaf|otio)$/i;
/** What systems leave in folders is nobody's plate. */
const SYSTEM = /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini|__MACOSX\/.*)$/i;
const NAME_BYTES = 200;

export function sortPlates(dropped: readonly Dropped[]): Sorted {
  const sequences = new Map<string, Sequence[]>();
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
    else join(sequences, parsed, one);
  }
  for (const sequence of [...sequences.values()].flat()) plates.push(sequencePlate(sequence));
  plates.sort((one, other) => compare(one.title, other.title) || compare(one.folder, other.folder));
  return { plates: named(plates), others, lists };
}

/** More has been dropped: sequences may grow, and names that were chosen stay. */
export function withMore(before: Sorted, dropped: readonly Dropped[]): Sorted {
  const kept = before.plates.flatMap(({ files }) => files);
  const known = new Set([...kept, ...before.lists].map(identity));
  const names = new Map(before.plates.flatMap(({ files, name }) => files.map((one) => [identity(one), name])));
  const { plates, others, lists } = sortPlates([...kept, ...dropped.filter((one) => !known.has(identity(one)))]);
  const left = [...before.others, ...others];
  return {
    plates: plates.map((plate) => {
      const chosen = plate.files.map((one) => names.get(identity(one))).find((name) => name !== undefined);
      return chosen === undefined ? plate : { ...plate, name: chosen };
    }),
    others: left.filter(({ path }, at) => left.findIndex((one) => one.path === path) === at),
    lists: [...before.lists, ...lists],
  };
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
  const [parsed] = plate.files.map(parse);
  if (!parsed || typeof parsed === "string") return plate;
  const numbered = plate.files.map((one) => [numberOf(parsed, one), one] as const);
  const files = new Map(numbered.filter(([frame]) => frame >= first && frame <= last));
  return { ...sequencePlate({ ...parsed, files }), name: plate.name };
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

function join(sequences: Map<string, Sequence[]>, parsed: Parsed, one: Dropped): void {
  const { folder, prefix, suffix } = parsed;
  const key = `${folder}\n${prefix}\n${suffix}`;
  const known = sequences.get(key) ?? [];
  const frame = numberOf(parsed, one);
  // A frame that is there already is of another folder of that name.
  let sequence = known.find(({ files }) => !files.has(frame));
  if (!sequence) {
    sequence = { folder, prefix, suffix, files: new Map() };
    known.push(sequence);
  }
  sequence.files.set(frame, one);
  sequences.set(key, known);
}

function movie(one: Dropped, folder: string, file: string): FoundPlate {
  const name = shotName(file.replace(/\.[^.]*$/, ""));
  return { kind: "movie", title: file, folder, name, files: [one], size: one.file.size, frames: null, gaps: [] };
}

function sequencePlate({ folder, prefix, suffix, files }: Sequence): FoundPlate {
  const numbers = [...files.keys()].sort((one, other) => one - other);
  const [first, last] = [numbers[0] ?? 0, numbers.at(-1) ?? 0];
  const parent = folder.split("/").filter(Boolean).at(-1) ?? "";
  const sorted = numbers.map((number) => files.get(number)).filter((one) => one !== undefined);
  return {
    kind: "sequence",
    title: `${prefix}[${first}-${last}]${suffix}`,
    folder,
    name: shotName(prefix) || shotName(parent),
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

/** No two of one name: shots' names are unique in a project. */
function named(plates: FoundPlate[]): FoundPlate[] {
  const taken = new Set<string>();
  return plates.map((plate) => {
    const base = plate.name || "shot";
    let name = base;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${base}_${number}`;
    taken.add(name.toLowerCase());
    return { ...plate, name };
  });
}
