// @vitest-environment node
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Sha256 } from "../../src/upload/sha256";

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + 7) % 256);
const wanted = (data: Uint8Array) => createHash("sha256").update(data).digest("hex");

describe("SHA-256 in parts", () => {
  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000])("of %i bytes is as Node's", (length) => {
    expect(new Sha256().update(bytes(length)).hex()).toBe(wanted(bytes(length)));
  });

  it("does not depend on where the parts end", () => {
    const data = bytes(5000);
    const hash = new Sha256();
    for (let at = 0, step = 1; at < data.length; at += step, step = (step * 7) % 131) {
      hash.update(data.subarray(at, at + step));
    }
    expect(hash.hex()).toBe(wanted(data));
  });
});
