import { expect, it } from "vitest";
import { base64, bytesOf, bytesText } from "../../src/ui/bytes";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1234, "1.23 kB"],
  [123_456, "123 kB"],
  // Never 1.00e+3 kB.
  [999_999, "1.00 MB"],
  [8_388_608, "8.39 MB"],
  [99_960_000, "100 MB"],
  [2.5e12, "2.50 TB"],
  [2.5e15, "2500 TB"],
])("writes %d bytes as %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it("base64 of what is longer than a call's arguments", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
  expect(bytesOf(base64(bytes))).toEqual(bytes);
});
