/** Bytes for people, and as the API takes them in JSON. */

const DIGITS = 3;

/** "123 kB", "4.56 GB": in thousands, as disks are sold. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let [value, unit] = [bytes, 0];
  for (; Math.round(value) >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  const places = DIGITS - String(Math.round(value)).length;
  return `${unit === 0 ? value : value.toFixed(Math.max(0, places))} ${units[unit]}`;
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  const PART = 0x8000;
  for (let at = 0; at < bytes.length; at += PART) text += String.fromCharCode(...bytes.subarray(at, at + PART));
  return btoa(text);
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
