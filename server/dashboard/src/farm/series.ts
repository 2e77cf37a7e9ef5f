/** Samples of queues as lines of a chart. */

import type { History } from "./useFarm";

export interface Series {
  name: string;
  /** Points of the chart: x and y, 0 to 1, y down; a gap where no server ran. */
  runs: { x: number; y: number }[][];
  last: number;
}

type Figure = "waiting" | "running" | "oldest_waiting_seconds" | "workers_alive";

const MINUTE_MS = 60_000;

/** One line a queue, over the `hours` that end at `now`; and what the top of the chart stands for. */
export function seriesOf(history: History, figure: Figure, hours: number, now: number): { series: Series[]; top: number } {
  const from = now - hours * 60 * MINUTE_MS;
  const top = Math.max(1, ...history.samples.map((sample) => sample[figure]));
  const gap = 2.5 * history.step_minutes * MINUTE_MS;
  const byQueue = Map.groupBy(history.samples, ({ queue }) => queue);
  const series = [...byQueue].map(([name, samples]) => {
    const runs: Series["runs"] = [];
    let before = -Infinity;
    for (const sample of samples) {
      const at = Date.parse(sample.at);
      if (at - before > gap) runs.push([]);
      before = at;
      runs.at(-1)?.push({ x: (at - from) / (now - from), y: 1 - sample[figure] / top });
    }
    return { name, runs, last: samples.at(-1)?.[figure] ?? 0 };
  });
  return { series, top };
}
