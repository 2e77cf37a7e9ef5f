import { describe, expect, it } from "vitest";
import { listOf } from "../../src/upload/useConform";

describe("an edit list", () => {
  it("is sent as text", async () => {
    const file = new File(["TITLE: cut\n"], "cut.edl");
    expect(await listOf(file)).toEqual({ file_name: "cut.edl", text: "TITLE: cut\n" });
  });

  it("is sent in base64 when it is no text", async () => {
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
    const told = await listOf(new File([bytes], "cut.aaf"));
    expect(told.text).toBeUndefined();
    expect(Uint8Array.from(atob(told.base64 ?? ""), (one) => one.charCodeAt(0))).toEqual(bytes);
  });

  it("is not read as what it is not: an umlaut of an old editing room stays its byte", async () => {
    const bytes = new TextEncoder().encode("* FROM CLIP NAME: T").buffer;
    const told = await listOf(new File([bytes, Uint8Array.of(0xfc), "r\n"], "cut.edl"));
    expect(told.text).toBeUndefined();
    expect(atob(told.base64 ?? "")).toBe("* FROM CLIP NAME: T\xfcr\n");
  });
});
