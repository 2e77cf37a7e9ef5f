// @vitest-environment node
import { inflateSync } from "node:zlib";
import { expect, it } from "vitest";
import { greyPng } from "../../src/prompting/png";

it("a grey PNG has one channel of eight bits and its pixels row by row", async () => {
  const png = await greyPng(3, 2, new Uint8Array([0, 128, 255, 1, 2, 3]));
  const view = new DataView(png.buffer);
  expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  expect([view.getUint32(16), view.getUint32(20), png[24], png[25]]).toEqual([3, 2, 8, 0]);
  const length = view.getUint32(33);
  const rows = inflateSync(png.subarray(41, 41 + length));
  expect([...rows]).toEqual([0, 0, 128, 255, 0, 1, 2, 3]);
  // The end of every PNG, its checksum too.
  expect([...png.subarray(-12)]).toEqual([0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130]);
});
