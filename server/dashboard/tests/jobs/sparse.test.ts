import { expect, it } from "vitest";
import type { JobRow } from "../../src/jobs/filters";
import { type List, PART, type Part, partsOf, placeOf, rowsOf, withPart } from "../../src/jobs/sparse";

function part(index: number, length = PART, next: string | null = `after ${index}`): Part {
  const items = Array.from({ length }, (_, place) => ({ id: String(index * PART + place) }) as JobRow);
  return { items, next, at: 0 };
}
const empty: List = { parts: new Map(), total: 450, states: {}, until: "" };
const found = (list: List) => rowsOf(list).map((row) => row?.id);

it("what was loaded stands where it belongs, whatever is between", () => {
  const list = withPart(withPart(empty, 0, part(0)), 3, part(3));
  const ids = found(list);
  expect(ids).toHaveLength(450);
  expect([ids[0], ids[99], ids[100], ids[299], ids[300], ids[399], ids[449]]).toEqual(
    ["0", "99", undefined, undefined, "300", "399", undefined],
  );
});

it("a part after one that is here begins at its end, others are counted to", () => {
  const list = withPart(empty, 3, part(3));
  expect(placeOf(list, 4)).toEqual({ cursor: "after 3" });
  expect(placeOf(list, 2)).toEqual({ skip: 200 });
});

it("the last part says how many there are", () => {
  expect(withPart(empty, 4, part(4, 20, null)).total).toBe(420);
  expect(withPart(empty, 4, part(4, 0, null)).total).toBe(400);
  expect(withPart({ ...empty, total: 0 }, 0, part(0, 0, null)).total).toBe(0);
  // More than were counted.
  expect(withPart({ ...empty, total: 90 }, 0, part(0)).total).toBe(100);
  expect(found(withPart({ ...empty, total: 120 }, 1, part(1, 7, null)))).toHaveLength(107);
});

it("rows are of parts", () => {
  expect(partsOf(0, 99)).toEqual([0]);
  expect(partsOf(99, 201)).toEqual([0, 1, 2]);
});
