import { expect, it } from "vitest";
import { readValue, writeValue } from "../../src/settings/values";

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
