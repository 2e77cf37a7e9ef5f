/** Colours of objects: red, green, blue in 0..1 on the server, `#rrggbb` in a page. */

export function hexOf(colour: readonly number[]): string {
  const part = (value = 0): string =>
    Math.round(Math.min(1, Math.max(0, value)) * 255)
      .toString(16)
      .padStart(2, "0");
  return `#${part(colour[0])}${part(colour[1])}${part(colour[2])}`;
}

export function colourOf(hex: string): [number, number, number] {
  const part = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5)];
}
