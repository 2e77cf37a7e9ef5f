/** What objects are drawn in: their own colours, or, of those that have none, ones far apart. */

import { hexOf } from "../ui/colour";

const UNCHOSEN = ["#3fd0ff", "#ffb000", "#ff5fa2", "#7ee081", "#b38bff", "#ff7043"] as const;

/** As CSS writes it. White is what objects have that nobody chose a colour for. */
export function colorOf(color: readonly number[] | null | undefined, index: number): string {
  if (!color || color.every((part) => part === 1)) return UNCHOSEN[index % UNCHOSEN.length] ?? UNCHOSEN[0];
  return hexOf(color);
}
