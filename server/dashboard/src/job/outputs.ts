/** Files a job made, by what they are. */

const NAMES: Record<string, string> = {
  matte: "Mattes",
  shapes: "Shapes",
  shape_export: "Shapes for hosts",
  overlay: "Overlay",
  contact_sheet: "Contact sheet",
  cryptomatte: "ID mattes",
  video: "Videos",
};

/** What files of a role are called. */
export function nameOf(role: string): string {
  return NAMES[role] ?? role;
}

/** "3.4 MB": thousands, as file managers count. */
export function bytes(size: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let at = 0;
  let left = size;
  for (; left >= 1000 && at < units.length - 1; at += 1) left /= 1000;
  return `${at && left < 10 ? left.toFixed(1) : Math.round(left)} ${units[at]}`;
}
