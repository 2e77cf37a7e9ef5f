/** Names: of plates, of folders, of things; and what is checked before anything is sent. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { needsYou } from "../src/attention";
import { type Files, nodeFiles } from "../src/files";
import { PathMap, samePath } from "../src/paths";
import { changedSince, fileOf, findPlate, parsePlate, printf } from "../src/plates";
import { asName, checkAgainstShot, checkName, checkRequest, segmentBody } from "../src/requests";
import { safeParts } from "../src/results";
import type { Shot, SubmitRequest } from "../src/types";

const files: Files = nodeFiles(createRequire(import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "roto-"));
  for (const frame of [1001, 1002, 1004, 998]) {
    await writeFile(join(folder, `a.${frame}.exr`), `frame ${frame}`);
  }
  for (const name of ["b_0009.png", "b_0010.png", "b_10.png", "b_x.png", "clip.mov"]) {
    await writeFile(join(folder, name), name);
  }
});
afterAll(() => rm(folder, { recursive: true }));

describe("plates", () => {
  it.each([
    ["/p/a.%04d.exr", "/p/a.%04d.exr", "/p/a.0007.exr"],
    ["/p/a.####.exr", "/p/a.%04d.exr", "/p/a.0007.exr"],
    ["/p/a_%d_v2.exr", "/p/a_%d_v2.exr", "/p/a_7_v2.exr"],
    ["/p/s010/a.0101.exr", "/p/s010/a.%04d.exr", "/p/s010/a.0007.exr"],
    ["C:\\p\\v2\\a.00101.dpx", "C:\\p\\v2\\a.%05d.dpx", "C:\\p\\v2\\a.00007.dpx"],
    ["/p/clip.MOV", "/p/clip.MOV", "/p/clip.MOV"],
  ])("%s", (text, pattern, seventh) => {
    expect(printf(parsePlate(text))).toBe(pattern);
    expect(fileOf(parsePlate(text), 7)).toBe(seventh);
  });

  it("refuses what is none", () => {
    expect(() => parsePlate("/p/a.psd")).toThrow(/neither an image sequence nor a movie/);
    expect(() => parsePlate("/p/still.png")).toThrow(/holds no frame number/);
  });

  it("finds its frames, whatever the digits of the file it is named by", async () => {
    const plate = await findPlate(files, join(folder, "a.1001.exr"));
    expect(plate.frames).toEqual([998, 1001, 1002, 1004]);
    expect(plate.path).toBe(join(folder, "a.%03d.exr"));
    const padded = await findPlate(files, join(folder, "b_0009.png"));
    expect(padded.frames).toEqual([9, 10]);
    expect(padded.shotName).toBe("b");
    expect(padded.files([10, 10])).toEqual([join(folder, "b_0010.png")]);
  });

  it("says which frames it lacks", async () => {
    const plate = await findPlate(files, join(folder, "a.####.exr"));
    expect(() => plate.checkComplete()).toThrow(/lacks 1 of the frames 1001-1004: 1003/);
    expect(() => plate.checkComplete([1001, 1002])).not.toThrow();
    expect(() => plate.checkComplete([1001, 1009])).toThrow(/the plate has 1001-1004/);
  });

  it("knows when it was rendered again, and what is not here", async () => {
    const plate = await findPlate(files, join(folder, "clip.mov"));
    expect(plate.isHere).toBe(true);
    expect(await changedSince(files, plate, Date.now() - 3_600_000)).toBe(true);
    expect(await changedSince(files, plate, Date.now() + 3_600_000)).toBe(false);
    expect((await findPlate(files, "/nowhere/a.%04d.exr")).isHere).toBe(false);
    expect((await findPlate(null, "/mnt/a.%04d.exr")).path).toBe("/mnt/a.%04d.exr");
  });

  it("hashes with and without Node's crypto", async () => {
    const require = createRequire(import.meta.url);
    const bare = nodeFiles((name) => {
      if (name === "crypto") {
        throw new Error("Cannot find module");
      }
      return require(name) as unknown;
    });
    const file = join(folder, "clip.mov");
    expect(await bare.sha256(file)).toBe(await files.sha256(file));
    expect(await files.sha256(file)).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe("folders with two names", () => {
  const map = PathMap.parse("Z:\\shows=/mnt/shows; /Volumes/shows=/mnt/shows ;Z:\\shows\\old=/arc");

  it.each([
    ["Z:\\shows\\a\\p.%04d.exr", "/mnt/shows/a/p.%04d.exr"],
    ["z:/SHOWS/a/p.mov", "/mnt/shows/a/p.mov"],
    ["Z:\\shows\\old\\p.mov", "/arc/p.mov"],
    ["Z:\\showsB\\p.mov", "Z:\\showsB\\p.mov"],
    ["/Volumes/shows/p.mov", "/mnt/shows/p.mov"],
    ["/volumes/shows/p.mov", "/volumes/shows/p.mov"],
  ])("%s", (ours, theirs) => expect(map.toServer(ours)).toBe(theirs));

  it("goes back", () => {
    expect(PathMap.parse("Z:\\shows=/mnt/shows").toLocal("/mnt/shows/a/p.mov")).toBe(
      "Z:\\shows\\a\\p.mov",
    );
    expect(() => PathMap.parse("Z:\\shows")).toThrow(/is not OURS=THEIRS/);
  });

  it("may be spelled in two ways", () => {
    expect(samePath("Z:\\Shows\\a.mov", "z:/shows/A.MOV")).toBe(true);
    expect(samePath("Z:\\shows\\a.mov", "Y:\\shows\\a.mov")).toBe(false);
    expect(samePath("/mnt/e\u0301.mov", "/mnt/\u00e9.mov")).toBe(true);
    expect(samePath("/mnt/a.mov", "/mnt/A.mov")).toBe(false);
  });
});

describe("names", () => {
  it("are the product's", () => {
    for (const good of ["hero", "héro 2", "漢字", "a-b_c.d"]) {
      expect(() => checkName(good)).not.toThrow();
    }
    for (const bad of ["", " a", "a.", "a/b", "con", "NUL.x", "x".repeat(101), "漢".repeat(70)]) {
      expect(() => checkName(bad)).toThrow(/cannot be a name/);
    }
    expect(asName("_ a/b: c. ")).toBe("a_b_ c");
  });

  it("of results stay in their folder", () => {
    expect(safeParts("mattes/hero.1001.exr")).toEqual(["mattes", "hero.1001.exr"]);
    for (const bad of ["../x", "/etc/x", "a//b", "C:x", "a\\..\\b", "a/./b", ""]) {
      expect(() => safeParts(bad)).toThrow(/outside the folder/);
    }
  });
});

describe("requests", () => {
  const click = { frame: 1001, points: [{ x: 5, y: 5, positive: true }] };
  const request = (more: Partial<SubmitRequest> = {}): SubmitRequest => ({
    plate: "/p/a.%04d.exr",
    objects: [{ name: "hero", prompts: [click, { frame: 1003 }] }],
    ...more,
  });
  const shot = { width: 160, height: 120, frame_range: [1001, 1008] } as unknown as Shot;

  it("become the server's body, empty prompts left out", () => {
    const body = segmentBody(request({ layerTransform: "off", refine: false }));
    expect(body.objects[0]!.prompts).toEqual([click]);
    expect(body).toMatchObject({ layer_transform: "off", edges: { refine: false } });
    expect(segmentBody(request()).edges).toBeUndefined();
  });

  it("are checked before anything is sent", () => {
    const wrong = (objects: SubmitRequest["objects"], text: RegExp): void =>
      expect(() => checkRequest(request({ objects }))).toThrow(text);
    const negative = { frame: 1001, points: [{ x: 5, y: 5, positive: false }] };
    wrong([], /no object/);
    wrong([{ name: "a", prompts: [negative] }], /no object/);
    wrong(
      [
        { name: "a", prompts: [click] },
        { name: "A", prompts: [click] },
      ],
      /two objects/,
    );
    wrong(
      [
        { name: "a", prompts: [click] },
        { name: "b", prompts: [negative] },
      ],
      /where b is/,
    );
    expect(() => checkRequest(request({ frameRange: [1002, 1004] }))).toThrow(/outside 1002-1004/);
  });

  it("are checked against the plate", () => {
    expect(() => checkAgainstShot(request({ width: 160, height: 120 }), shot)).not.toThrow();
    expect(() => checkAgainstShot(request({ width: 80, height: 60 }), shot)).toThrow(/80 x 60/);
    expect(() => checkAgainstShot(request({ frameRange: [1001, 1009] }), shot)).toThrow(
      /plate has/,
    );
    const far = { frame: 1001, points: [{ x: 161, y: 5, positive: true }] };
    const objects = [{ name: "hero", prompts: [far] }];
    expect(() => checkAgainstShot(request({ objects }), shot)).toThrow(/outside the plate/);
  });
});

describe("frames that need you", () => {
  it("are stretches, worst first, joined over a short gap", () => {
    const told = { 1: 0.9, 2: 0.4, 3: 0.9, 4: 0.9, 5: 0.3, 9: 0.1, 10: 0.5 };
    const map = new Map(Object.entries(told).map(([frame, value]) => [Number(frame), value]));
    expect(needsYou(map)).toEqual([
      { first: 9, last: 9, worst: 9, confidence: 0.1 },
      { first: 2, last: 5, worst: 5, confidence: 0.3 },
    ]);
    expect(needsYou(new Map())).toEqual([]);
  });
});
