import { expect, it } from "vitest";
import { seconds, spanOf, wholeTime } from "../../src/job/timeline";

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

it("a stage's time is to its end, or to now", () => {
  expect(seconds({ started_at: at(5), finished_at: at(10) }, NOW)).toBe(5);
  expect(seconds({ started_at: at(5), finished_at: null }, NOW)).toBe(35);
  expect(seconds({ started_at: null, finished_at: null }, NOW)).toBeNull();
});
