import { describe, expect, it } from "vitest";
import { type Dropped, sortPlates, withMore } from "../../src/upload/plates";

const drop = (...paths: string[]): Dropped[] => paths.map((path) => ({ path, file: new File(["12"], path) }));

describe("what was dropped", () => {
  it("is movies and sequences, each with a name for its shot", () => {
    const { plates, others } = sortPlates(
      drop("sh010/sh010.1002.exr", "sh010/sh010.1001.exr", "cut v2.mov", "sh010/.DS_Store", "notes.txt"),
    );
    expect(plates.map(({ title, name, kind }) => [title, name, kind])).toEqual([
      ["cut v2.mov", "cut v2", "movie"],
      ["sh010.[1001-1002].exr", "sh010", "sequence"],
    ]);
    expect(plates[1]?.files.map(({ path }) => path)).toEqual(["sh010/sh010.1001.exr", "sh010/sh010.1002.exr"]);
    expect(plates[1]?.size).toBe(4);
    expect(others).toEqual(["sh010/.DS_Store", "notes.txt"]);
  });

  it("puts frames of unpadded numbers together and counts what is missing", () => {
    const { plates } = sortPlates(drop("a.9.png", "a.10.png", "a.13.png"));
    expect(plates).toHaveLength(1);
    expect(plates[0]).toMatchObject({ frames: [9, 13], missing: 2 });
  });

  it("keeps sequences of two folders apart and names no two shots alike", () => {
    const { plates } = sortPlates(drop("l/sh.1.exr", "r/sh.1.exr"));
    expect(plates.map(({ name }) => name)).toEqual(["sh", "sh_2"]);
  });

  it("names a sequence of bare numbers after its folder", () => {
    expect(sortPlates(drop("sh020/0001.dpx")).plates[0]?.name).toBe("sh020");
  });

  it("keeps the names that were chosen when more is dropped", () => {
    const before = sortPlates(drop("sh.1.exr"));
    const chosen = { ...before, plates: before.plates.map((plate) => ({ ...plate, name: "hero" })) };
    const after = withMore(chosen, drop("sh.1.exr", "sh.2.exr", "b.mov"));
    expect(after.plates.map(({ name, files }) => [name, files.length])).toEqual([
      ["b", 1],
      ["hero", 2],
    ]);
  });
});
