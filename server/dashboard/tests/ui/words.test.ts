import { expect, it } from "vitest";
import { codeWords, nounOf, plural } from "../../src/ui/words";

it("one is not several", () => {
  expect([plural(0, "shot"), plural(1, "shot"), plural(12000, "shot")]).toEqual(["0 shots", "1 shot", "12,000 shots"]);
  expect(nounOf(1, "retake")).toBe("retake");
});

it("an error's code is told as words", () => {
  expect(codeWords("unknown_model")).toBe("unknown model");
});
