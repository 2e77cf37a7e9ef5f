/** What was dropped, as plates: movies, and numbered pictures of one name put together. */

import { RotoError } from "roto-client/errors";
import { parsePlate } from "roto-client/plates";
import { asName } from "roto-client/requests";

export interface Dropped {
  /** With the folders it was dropped in: `plates/sh010/sh010.1001.exr`. */
  path: string;
  file: File;
}

export interface FoundPlate {
  kind: "movie" | "sequence";
  /** What people read: a file, or `sh010.[1001-1024].exr`. */
  title: string;
  /** A name for the shot. */
  name: string;
  files: Dropped[];
  size: number;
  frames: [number, number] | null;
  /** Frames between the first and the last that are not there. */
  missing: number;
}

export interface Sorted {
  plates: FoundPlate[];
  /** Paths of what is no plate. */
  others: string[];
}

export function sortPlates(dropped: readonly Dropped[]): Sorted {
  const sequences = new Map<string, { folder: string; prefix: string; suffix: string; files: [number, Dropped][] }>();
  const plates: FoundPlate[] = [];
  const others: string[] = [];
  for (const one of dropped) {
    const parsed = parse(one.path);
    if (!parsed) {
      others.push(one.path);
    } else if (parsed.kind === "movie") {
      plates.push(movie(one, parsed.prefix));
    } else {
      const { folder, prefix, suffix } = parsed;
      const key = `${folder}\n${prefix}\n${suffix}`;
      const frame = Number(one.path.slice(folder.length + prefix.length, one.path.length - suffix.length));
      const known = sequences.get(key) ?? { folder, prefix, suffix, files: [] };
      known.files.push([frame, one]);
      sequences.set(key, known);
    }
  }
  for (const { folder, prefix, suffix, files } of sequences.values()) {
    plates.push(sequence(folder, prefix, suffix, files));
  }
  plates.sort((one, other) => one.title.localeCompare(other.title, undefined, { numeric: true }));
  return { plates: named(plates), others };
}

/** More has been dropped: sequences may grow, and names that were chosen stay. */
export function withMore(before: Sorted, dropped: readonly Dropped[]): Sorted {
  const kept = before.plates.flatMap(({ files }) => files);
  const known = new Set(kept.map(({ path }) => path));
  const names = new Map(before.plates.flatMap(({ files, name }) => files.map(({ path }) => [path, name])));
  const { plates, others } = sortPlates([...kept, ...dropped.filter(({ path }) => !known.has(path))]);
  return {
    plates: plates.map((plate) => {
      const chosen = plate.files.map(({ path }) => names.get(path)).find((name) => name !== undefined);
      return chosen === undefined ? plate : { ...plate, name: chosen };
    }),
    others: [...new Set([...before.others, ...others])],
  };
}

function parse(path: string): ReturnType<typeof parsePlate> | null {
  // What systems leave in folders is nobody's plate.
  if (/(^|\/)(\.|~|Thumbs\.db$)/.test(path)) return null;
  try {
    return parsePlate(path);
  } catch (error) {
    if (error instanceof RotoError) return null;
    throw error;
  }
}

function movie(one: Dropped, file: string): FoundPlate {
  const name = asName(file.replace(/\.[^.]*$/, ""));
  return { kind: "movie", title: file, name, files: [one], size: one.file.size, frames: null, missing: 0 };
}

function sequence(folder: string, prefix: string, suffix: string, found: [number, Dropped][]): FoundPlate {
  const files = found.sort(([one], [other]) => one - other);
  const [first, last] = [files[0]?.[0] ?? 0, files.at(-1)?.[0] ?? 0];
  const parent = folder.split("/").filter(Boolean).at(-1) ?? "";
  return {
    kind: "sequence",
    title: `${prefix}[${first}-${last}]${suffix}`,
    name: asName(prefix) || asName(parent),
    files: files.map(([, one]) => one),
    size: files.reduce((sum, [, one]) => sum + one.file.size, 0),
    frames: [first, last],
    missing: last - first + 1 - files.length,
  };
}

/** No two of one name: shots' names are unique in a project. */
function named(plates: FoundPlate[]): FoundPlate[] {
  const taken = new Set<string>();
  return plates.map((plate) => {
    const base = plate.name || "shot";
    let name = base;
    for (let number = 2; taken.has(name); number++) name = `${base}_${number}`;
    taken.add(name);
    return { ...plate, name };
  });
}
