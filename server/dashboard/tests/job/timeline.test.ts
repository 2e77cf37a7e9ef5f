import { expect, it } from "vitest";
import type { Job } from "../../src/api/jobs";
import { seconds, spanOf, timeWords, trackedWords, wholeTime } from "../../src/job/timeline";

const at = (second: number) => new Date(Date.UTC(2026, 10, 30, 12, 0, second)).toISOString();
const NOW = Date.parse(at(40));

it("an attempt is where it was in the job's time", () => {
  const whole = wholeTime({ created_at: at(0), finished_at: at(20) }, NOW);
  expect(spanOf({ started_at: at(5), finished_at: at(10) }, whole)).toEqual({ left: 0.25, width: 0.25 });
});

it("one that runs reaches to now", () => {
  const whole = wholeTime({ created_at: at(0), finished_at: null }, NOW);
  expect(spanOf({ started_at: at(20), finished_at: null }, whole)).toEqual({ left: 0.5, width: 0.5 });
});

it("the shortest can be seen, and is within the whole", () => {
  const { left, width } = spanOf({ started_at: at(40), finished_at: at(40) }, [Date.parse(at(0)), NOW]);
  expect(width).toBeGreaterThan(0);
  expect(left + width).toBeLessThanOrEqual(1);
});

it("what ran is told, not what waited in between; what ran at once counts once", () => {
  expect(seconds([{ started_at: at(5), finished_at: at(10) }], NOW)).toBe(5);
  expect(seconds([{ started_at: at(35), finished_at: null }, { started_at: at(5), finished_at: at(10) }], NOW)).toBe(10);
  expect(seconds([{ started_at: at(5), finished_at: at(15) }, { started_at: at(8), finished_at: at(10) }], NOW)).toBe(10);
  expect(seconds([], NOW)).toBeNull();
});

it("a job waits, runs or took its time", () => {
  const job = (state: Job["state"], ...attempts: [number, number | null][]) => ({
    state,
    created_at: at(0),
    finished_at: state === "running" || state === "queued" ? null : at(39),
    tasks: attempts.map(([from, to]) => ({ attempts: [{ started_at: at(from), finished_at: to === null ? null : at(to) }] })),
  });
  const words = (...of: Parameters<typeof job>) => timeWords(job(...of), NOW);
  expect(words("queued")).toBe("waits for 40 s");
  expect(words("queued", [2, 5])).toBe("waits, ran for 3 s");
  expect(words("running", [2, 5], [30, null])).toBe("runs for 13 s");
  expect(words("succeeded", [2, 5], [30, 38])).toBe("took 11 s");
  expect(words("cancelled")).toBeNull();
});

it("frames that a job has tracked are counted, though it has not come to its end", () => {
  expect(trackedWords("cancelled", [{ kind: "track", progress: { done: 62, total: 240 } }])).toBe("62 of 240 frames are tracked.");
  expect(trackedWords("running", [{ kind: "track", progress: {} }])).toBe("Not tracked yet.");
  expect(trackedWords("failed", [{ kind: "track", progress: {} }])).toBe("No frame was tracked.");
});
