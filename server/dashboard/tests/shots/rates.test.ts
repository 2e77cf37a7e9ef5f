import { describe, expect, it } from "vitest";
import { colourOf, hexOf } from "../../src/ui/colour";
import { countOf, rateOf, rateText } from "../../src/ui/rates";

describe("frame rates", () => {
  it.each([
    ["24", [24, 1]],
    ["23.976", [24000, 1001]],
    ["23,98", [24000, 1001]],
    ["29.97", [30000, 1001]],
    ["12.5", [25, 2]],
    ["24000/1001", [24000, 1001]],
    ["", null],
    ["fast", undefined],
    ["0", undefined],
    ["24/0", undefined],
  ])("%s is understood", (text, rate) => {
    expect(rateOf(text)).toEqual(rate);
  });

  it("are written with three decimals at most", () => {
    expect(rateText([24000, 1001])).toBe("23.976");
    expect(rateText([25, 1])).toBe("25");
    expect(rateText(null)).toBe("");
  });

  it("and counts are whole numbers", () => {
    expect(countOf(" 8 ")).toBe(8);
    expect(countOf("-1")).toBeNull();
    expect(countOf("0", 1)).toBeNull();
  });
});

describe("colours", () => {
  it("go to hex and back", () => {
    expect(hexOf([1, 0.5, 0])).toBe("#ff8000");
    expect(hexOf(colourOf("#12ab9f"))).toBe("#12ab9f");
  });
});
