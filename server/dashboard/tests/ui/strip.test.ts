import { expect, it } from "vitest";
import { change, figuresOf, heatOf, marksOf, toLookAt, worst } from "../../src/ui/strip";

const one = { confidence: [0.9, 0.4, null, 0.8], area: [100, 100, 300, 290] };
const two = { confidence: [0.95, 0.9, null, 0.2], area: [50, null, 50, 20] };

it("a frame is as sure as its least sure object", () => {
  expect(worst([one, two], 4)).toEqual([0.9, 0.4, null, 0.2]);
  expect(worst([], 2)).toEqual([null, null]);
});

it("an area that triples is told, one that hardly changes is not", () => {
  expect(change([one], 4)).toEqual([0, 0, 1, 0]);
  expect(change([one, two], 4)[3]).toBe(1);
});

it("an area that goes or appears is told, one that is not known is not", () => {
  const hidden = { confidence: [], area: [100, 0, 0, 80, null, 90, null, 0] };
  expect(change([hidden], 8)).toEqual([0, 1, 0, 1, 0, 0, 0, 0]);
  const calm = { confidence: [], area: [100, 125, 125, 125] };
  expect([1, 2, 3].map((index) => figuresOf(null, [calm, hidden], index))).toEqual(["area gone", "", "area appears"]);
  expect(figuresOf(null, [hidden], 5)).toBe("");
});

it("heat goes by steps", () => {
  expect([0.99, 0.75, 0.6, 0.1, null].map(heatOf)).toEqual(["sure", "fair", "doubtful", "bad", "unknown"]);
});

it("one looks at the worst of each run first", () => {
  expect(toLookAt([0.9, 0.6, 0.5, 0.9, 0.1, null, 0.6], 1001)).toEqual([1005, 1003, 1007]);
});

it("what the colours stand for is said in figures", () => {
  expect(figuresOf(0.4, [one], 1)).toBe("confidence 40 %");
  expect(figuresOf(null, [two, one], 2)).toBe("area × 3.00");
  expect(figuresOf(0.2, [one, two], 3)).toBe("confidence 20 %, area × 0.40");
  expect(figuresOf(null, [], 0)).toBe("");
});

it("each mark of a frame is named once", () => {
  const marks = [["prompt", [1001, 1001]], ["key", [1001, 1004]], ["note", []]] as const;
  expect([1001, 1004, 1002].map((frame) => marksOf(marks, frame))).toEqual(["prompt, key", "key", ""]);
});
