import { expect, test } from "vitest";
import { beginning, everything } from "../../src/api/everything";
import { Problem } from "../../src/api/problem";

/** A list of `count` numbers, `part` at a time. */
function list(count: number, part: number) {
  return async (cursor: string | undefined) => {
    const begin = Number(cursor ?? 0);
    const end = Math.min(begin + part, count);
    const items = Array.from({ length: end - begin }, (_, place) => begin + place);
    return { items, next: end < count ? String(end) : null };
  };
}

test("a list is read to its end, in order", async () => {
  expect(await everything(list(7, 3))).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(await everything(list(0, 3))).toEqual([]);
});

test("a list that is too long is told, not cut", async () => {
  expect(await everything(list(50_000, 1000))).toHaveLength(50_000);
  await expect(everything(list(50_001, 1000))).rejects.toThrow(Problem);
  await expect(everything(list(50_001, 1000))).rejects.toThrow(/more than 50000/);
});

test("the beginning of a list says whether there is more", async () => {
  expect(await beginning(list(6, 3), 4)).toEqual({ items: [0, 1, 2, 3, 4, 5], more: false });
  expect(await beginning(list(7, 3), 4)).toEqual({ items: [0, 1, 2, 3, 4, 5], more: true });
  expect(await beginning(list(3, 3), 10)).toEqual({ items: [0, 1, 2], more: false });
});
