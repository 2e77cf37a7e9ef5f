/** Frame rates and numbers as people write them. */

export type Rate = [number, number];

const KNOWN: Rate[] = [
  [24000, 1001],
  [30000, 1001],
  [60000, 1001],
];

/** 24, 23.976, 29.97. */
export function rateText(rate: readonly [number, number] | null | undefined): string {
  if (!rate) return "";
  return String(Number((rate[0] / rate[1]).toFixed(3)));
}

/** The rate somebody wrote: `25`, `23.976`, `24000/1001`; null for nothing, undefined for no rate. */
export function rateOf(text: string): Rate | null | undefined {
  const told = text.trim().replace(",", ".");
  if (!told) return null;
  const fraction = /^(\d{1,6})\/(\d{1,6})$/.exec(told);
  if (fraction) return positive([Number(fraction[1]), Number(fraction[2])]);
  if (!/^\d{1,4}(\.\d{1,6})?$/.test(told)) return undefined;
  const value = Number(told);
  const known = KNOWN.find(([up, down]) => Math.abs(up / down - value) < 0.006);
  if (known) return known;
  const decimals = told.split(".")[1]?.length ?? 0;
  const scale = 10 ** decimals;
  return positive(reduced(Math.round(value * scale), scale));
}

/** A share as people say it, of confidence above all: 0.4 is 40 %. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** A whole number of at least `least`; null for anything else. */
export function countOf(text: string, least = 0): number | null {
  return /^\d{1,7}$/.test(text.trim()) && Number(text) >= least ? Number(text) : null;
}

function reduced(up: number, down: number): Rate {
  let [one, other] = [up, down];
  while (other) [one, other] = [other, one % other];
  return [up / (one || 1), down / (one || 1)];
}

function positive(rate: Rate): Rate | undefined {
  return rate[0] > 0 && rate[1] > 0 ? rate : undefined;
}
