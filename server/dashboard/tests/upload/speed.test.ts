import { describe, expect, it } from "vitest";
import { remaining, Speed } from "../../src/upload/speed";

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
});
