import { describe, expect, it } from "vitest";
import type { UploadListed } from "../../src/api/schema";
import type { Kept } from "../../src/upload/keeping";
import { joined } from "../../src/upload/useUnfinished";

const upload = (id: string, state: UploadListed["state"] = "open") => ({ id, state }) as UploadListed;
const kept = (id: string, uploadId: string | null) => ({ id, uploadId }) as Kept;

describe("what was begun before", () => {
  it("is each once, whoever knows of it", () => {
    const begun = joined(
      [kept("k1", "u1"), kept("k2", null), kept("k3", "gone"), kept("k4", "u4")],
      [upload("u1"), upload("u2"), upload("u3", "complete"), upload("u4", "complete")],
      new Set(),
    );
    expect(begun.map((one) => [one.kept?.id, one.upload?.id])).toEqual([
      ["k1", "u1"],
      ["k2", undefined],
      ["k3", undefined],
      // Complete, and its shot was never made.
      ["k4", "u4"],
      [undefined, "u2"],
    ]);
  });

  it("is not what another tab sends", () => {
    expect(joined([kept("k1", "u1")], [upload("u1")], new Set(["k1"]))).toEqual([]);
  });
});
