import { expect, it } from "vitest";
import { arrived, count } from "../../src/jobs/lines";

const rows = (ids: string) => [...ids].map((id) => ({ id }));
const parts: Parameters<typeof arrived>[0] = [
  { items: rows("abc"), states: { queued: 4, failed: 2 } },
  { items: rows("def"), states: {} },
];

it("jobs on top that the list does not have are new", () => {
  expect(arrived(parts, rows("xyab"), { queued: 6, failed: 2 }, [])).toBe(2);
  expect(arrived(parts, rows("dab"), { queued: 4, failed: 2 }, [])).toBe(0);
});

it("jobs that came further below are counted", () => {
  expect(arrived(parts, rows("abc"), { queued: 4, failed: 5 }, ["failed"])).toBe(3);
  expect(arrived(parts, rows("abc"), { queued: 9, failed: 2 }, ["failed"])).toBe(0);
});

it("fewer than there were, or not asked yet: nothing new", () => {
  expect(arrived(parts, rows("abc"), { queued: 1 }, [])).toBe(0);
  expect(arrived(parts, rows("abc"), {}, [])).toBe(0);
  expect(arrived([], rows("abc"), { queued: 1 }, [])).toBe(0);
});

it("counts go by the states that are asked for", () => {
  expect(count({ queued: 4, failed: 2 }, [])).toBe(6);
  expect(count({ queued: 4, failed: 2 }, ["failed", "running"])).toBe(2);
});
