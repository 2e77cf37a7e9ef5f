import { expect, it } from "vitest";
import { seriesOf } from "../../src/farm/series";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const sample = (minutes: number, queue: string, waiting: number) => ({
  at: new Date(NOW - minutes * 60_000).toISOString(),
  queue,
  waiting,
  running: 0,
  oldest_waiting_seconds: 0,
  workers_alive: 1,
});

it("a queue is a line, with gaps where no server ran", () => {
  const samples = [sample(60, "gpu", 0), sample(59, "gpu", 4), sample(30, "gpu", 2), sample(0, "cpu", 1)];
  const { series, top } = seriesOf({ step_minutes: 1, samples }, "waiting", 1, NOW);
  expect(top).toBe(4);
  expect(series.map(({ name, last }) => [name, last])).toEqual([["gpu", 2], ["cpu", 1]]);
  expect(series[0]?.runs.map((run) => run.length)).toEqual([2, 1]);
  expect(series[0]?.runs[0]?.[0]).toEqual({ x: 0, y: 1 });
  expect(series[0]?.runs[0]?.[1]?.y).toBe(0);
  expect(series[1]?.runs[0]?.[0]?.x).toBe(1);
});

it("nothing yet is an empty chart", () => {
  expect(seriesOf({ step_minutes: 1, samples: [] }, "waiting", 3, NOW)).toEqual({ series: [], top: 1 });
});
