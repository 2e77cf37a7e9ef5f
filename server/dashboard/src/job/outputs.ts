/** Files a job made, the many frames of one sequence together. */

import type { Output } from "./useJob";

export interface Group {
  name: string;
  files: Output[];
  size: number;
}

const NAMES: Record<string, string> = {
  matte: "Mattes",
  shapes: "Shapes",
  shape_export: "Shapes for hosts",
  overlay: "Overlay",
  contact_sheet: "Contact sheet",
  cryptomatte: "ID mattes",
  video: "Videos",
};

/** By what they are; in the order they come. */
export function grouped(outputs: readonly Output[]): Group[] {
  const groups = Map.groupBy(outputs, ({ role }) => role);
  return [...groups].map(([role, files]) => ({
    name: NAMES[role] ?? role,
    files,
    size: files.reduce((sum, { size }) => sum + size, 0),
  }));
}

/** "3.4 MB": thousands, as file managers count. */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let left = size;
  for (; left >= 1000 && at < units.length - 1; at += 1) left /= 1000;
  return `${at && left < 10 ? left.toFixed(1) : Math.round(left)} ${units[at]}`;
}
