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
