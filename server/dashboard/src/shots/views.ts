/** Views of a plate: left and right of stereo, `main` where there is one only. */

export const MAIN = "main";

/** The one that is meant when nobody says: what was made last may be another. */
export function viewOf(plates: readonly { view: string }[]): string {
  return plates.some(({ view }) => view === MAIN) ? MAIN : (plates[0]?.view ?? MAIN);
}
