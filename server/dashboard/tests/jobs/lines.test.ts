import { expect, it } from "vitest";
import { arrived, count } from "../../src/jobs/lines";

const rows = (ids: string) => [...ids].map((id) => ({ id }));
const list: Parameters<typeof arrived>[0] = {
  parts: new Map([
    [0, { items: rows("abc") }],
    [7, { items: rows("def") }],
  ]),
  states: { queued: 4, failed: 2 },
};

it("jobs on top that the list does not have are new", () => {
  expect(arrived(list, rows("xyab"), { queued: 6, failed: 2 }, [])).toBe(2);
  // However far down it was loaded.
  expect(arrived(list, rows("dab"), { queued: 4, failed: 2 }, [])).toBe(0);
});

it("jobs that came further below are counted", () => {
  expect(arrived(list, rows("abc"), { queued: 4, failed: 5 }, ["failed"])).toBe(3);
  expect(arrived(list, rows("abc"), { queued: 9, failed: 2 }, ["failed"])).toBe(0);
});

it("fewer than there were, or not asked yet: nothing new", () => {
  expect(arrived(list, rows("abc"), { queued: 1 }, [])).toBe(0);
  expect(arrived(list, rows("abc"), {}, [])).toBe(0);
});

it("counts go by the states that are asked for", () => {
  expect(count({ queued: 4, failed: 2 }, [])).toBe(6);
  expect(count({ queued: 4, failed: 2 }, ["failed", "running"])).toBe(2);
});
