/** SMPTE timecode as `roto_shapes.timecode` counts it: labels, and the frames between them. */

type Rate = readonly [number, number];

const LABEL = /^(\d{2}):(\d{2}):(\d{2})([:;])(\d{2,3})$/;

/** The label `frames` on, written as `label` is; "" where that is none. */
export function later(label: string, frames: number, rate: Rate): string {
  const told = LABEL.exec(label);
  if (!told) return "";
  const [hours = 0, minutes = 0, seconds = 0, , frame = 0] = told.slice(1).map(Number);
  const base = nominal(rate);
  const dropped = told[4] === ";" && mayDrop(rate) ? base / 15 : 0;
  const minute = 60 * hours + minutes;
  const number = (60 * minute + seconds) * base + frame - dropped * (minute - Math.floor(minute / 10));
  const day = 144 * (600 * base - 9 * dropped);
  return written((((number + frames) % day) + day) % day, base, dropped, told[4] ?? ":");
}

function written(number: number, base: number, dropped: number, sign: string): string {
  const ten = 600 * base - 9 * dropped;
  const rest = number % ten;
  // The first minute of ten leaves nothing out.
  const minutes = rest < 60 * base ? 0 : 1 + Math.floor((rest - 60 * base) / (60 * base - dropped));
  const all = number + dropped * (9 * Math.floor(number / ten) + minutes);
  const seconds = Math.floor(all / base);
  const [hour, minute, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return `${two(hour)}:${two(minute)}:${two(second)}${sign}${two(all % base)}`;
}

/** The frames timecode counts in a second: 30 for 30000/1001. */
export function nominal([up, down]: Rate): number {
  return Math.max(1, Math.floor(up / down + 0.5));
}

function mayDrop(rate: Rate): boolean {
  return rate[1] === 1001 && nominal(rate) % 30 === 0;
}

function two(number: number): string {
  return String(number).padStart(2, "0");
}
