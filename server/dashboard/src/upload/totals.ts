/** What is on its way, all together. */

import { isHeld, isOver, type Sending } from "./queue";
import { remaining } from "./speed";

export interface Totals {
  plates: number;
  over: number;
  bytes: number;
  sent: number;
  /** Bytes a second of all that go; null while none does. */
  rate: number | null;
  /** Seconds, of what is not paused; null while nothing goes. */
  left: number | null;
}

type Part = Pick<Sending, "stage" | "rate" | "sent"> & { plate: Pick<Sending["plate"], "size"> };

export function totalsOf(items: readonly Part[]): Totals {
  const sum = (of: readonly Part[], what: (one: Part) => number) => of.reduce((all, one) => all + what(one), 0);
  const going = items.filter((one) => !isHeld(one));
  const rate = sum(items.filter(({ stage }) => stage === "uploading"), (one) => one.rate ?? 0) || null;
  return {
    plates: items.length,
    over: items.filter(isOver).length,
    bytes: sum(items, ({ plate }) => plate.size),
    sent: sum(items, (one) => one.sent),
    rate,
    left: remaining(rate, sum(going, ({ plate, sent }) => plate.size - sent)),
  };
}
