import { expect, it } from "vitest";
import { foundBy, momentOf, readValue, writeChanged, writeValue } from "../../src/settings/values";

it("texts stay texts, also those that look like something else", () => {
  expect(readValue("60/minute", "off")).toBe("60/minute");
  expect(readValue("12", "off")).toBe("12");
});

it("the rest is JSON, and what is none is for the server to refuse", () => {
  expect(readValue("12", 30)).toBe(12);
  expect(readValue('["studio.example"]', [])).toEqual(["studio.example"]);
  expect(readValue("many", 30)).toBe("many");
  expect(writeValue(["a"])).toBe('["a"]');
  expect(writeValue("a")).toBe("a");
});

it("a change found what the one before it of that name had set, the first of all the default", () => {
  const changes = [
    { name: "days", value: null },
    { name: "word", value: "hello" },
    { name: "days", value: 12 },
    { name: "days", value: 7 },
  ];
  expect(foundBy(changes, true)).toEqual([12, null, 7, null]);
  expect(foundBy(changes, false)).toEqual([12, undefined, 7, undefined]);
  expect(foundBy([{ name: "days", value: 3 }, ...changes], true)[0]).toBeNull();
  expect([7, null, undefined].map(writeChanged)).toEqual(["7", "its default", "…"]);
});

it("a moment is one of the browser's clock, and nothing of an empty field", () => {
  expect(momentOf("2026-11-30T14:05")?.getTime()).toBe(new Date(2026, 10, 30, 14, 5).getTime());
  expect([momentOf(""), momentOf("soon")]).toEqual([null, null]);
});
