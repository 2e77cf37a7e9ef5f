import { describe, expect, it } from "vitest";
import type { Stage } from "../../src/upload/queue";
import { totalsOf } from "../../src/upload/totals";

const item = (stage: Stage, sent: number, rate: number | null = null, size = 100) => ({ stage, sent, rate, plate: { size } });

describe("all plates together", () => {
  it("sum up what is sent and how fast; the rest is reckoned without what is paused", () => {
    const items = [item("done", 100), item("uploading", 40, 10), item("uploading", 20, 20), item("waiting", 0), item("paused", 50)];
    expect(totalsOf(items)).toEqual({ plates: 5, over: 1, bytes: 500, sent: 210, rate: 30, left: 8 });
  });

  it("tell no rate while files are only read", () => {
    expect(totalsOf([item("hashing", 0, 1000), item("waiting", 0)])).toMatchObject({ rate: null, left: null });
  });
});
