import { describe, expect, it } from "vitest";
import { bytesText, remaining, Speed } from "../../src/upload/speed";

describe("speed", () => {
  it("is that of the last seconds", () => {
    const speed = new Speed();
    expect(speed.rate).toBeNull();
    for (let second = 0; second <= 30; second++) speed.take(second < 15 ? 0 : (second - 15) * 1000, second * 1000);
    expect(speed.rate).toBe(1000);
  });

  it("says how long the rest takes, if anything moves", () => {
    expect(remaining(500, 1000)).toBe(2);
    expect(remaining(0, 1000)).toBeNull();
    expect(remaining(null, 1000)).toBeNull();
  });

  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1234, "1.23 kB"],
    [8_388_608, "8.39 MB"],
    [2.5e12, "2.50 TB"],
  ])("writes %d bytes as %s", (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});
