/** What a plate differs in from the version before, as far as it is known before it is sent. */

import { parsePlate } from "roto-client/plates";
import type { Plate } from "../api/shots";
import type { FoundPlate } from "./plates";

export interface Differences {
  told: string[];
  /** As many frames, numbered otherwise by this: a frame offset. */
  shift: number | null;
}

type Before = Pick<Plate, "version" | "plate" | "frame_range">;

export function differences(plate: FoundPlate, before: Before, offset: number): Differences {
  const told: string[] = [];
  const version = `version ${before.version}`;
  if (plate.kind !== before.plate.kind) told.push(`A ${plate.kind}, where ${version} is a ${before.plate.kind}.`);
  const [mine, its] = [nameOf(plate.files[0]?.file.name ?? ""), nameOf(before.plate.path)];
  if (mine !== its) told.push(`Called ${mine}, where ${version} is called ${its}.`);
  const [now, old] = [plate.frames, before.frame_range];
  if (!now || !old) return { told, shift: null };
  const expected = [old[0] + offset, old[1] + offset] as const;
  if (now[0] === expected[0] && now[1] === expected[1]) return { told, shift: null };
  told.push(`Frames ${now[0]}–${now[1]}, where ${expected[0]}–${expected[1]} are expected.`);
  const isShifted = now[1] - now[0] === old[1] - old[0];
  return { told, shift: isShifted ? now[0] - old[0] : null };
}

/** Without the frame's number. */
function nameOf(path: string): string {
  const { kind, prefix, suffix } = parsePlate(path);
  return kind === "movie" ? prefix : `${prefix}#${suffix}`;
}
