import { describe, expect, it } from "vitest";
import { cutTo, type Dropped, gapsText, longestRun, NOTHING, sortPlates, withMore } from "../../src/upload/plates";

const dropped = (path: string, content = "12", lastModified = 1): Dropped => ({
  path,
  file: new File([content], path.split("/").at(-1) ?? "", { lastModified }),
});
const drop = (...paths: string[]): Dropped[] => paths.map((path) => dropped(path));

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
    // What a system left there is told to nobody.
    expect(others).toEqual([{ path: "notes.txt", why: "neither a movie nor a picture of a sequence" }]);
  });

  it("puts frames of unpadded numbers together and counts what is missing", () => {
    const { plates } = sortPlates(drop("a.9.png", "a.10.png", "a.13.png"));
    expect(plates).toHaveLength(1);
    expect(plates[0]).toMatchObject({ frames: [9, 13], gaps: [[11, 12]] });
  });

  it("keeps sequences of two folders apart and names no two shots alike", () => {
    const { plates } = sortPlates(drop("l/sh.1.exr", "r/sh.1.exr"));
    expect(plates.map(({ name }) => name)).toEqual(["l", "r"]);
  });

  it("names plates that are called alike after their folders, dropped at once or one after the other", () => {
    const names = ({ plates }: ReturnType<typeof sortPlates>) => plates.map(({ name }) => name);
    expect(names(sortPlates(drop("sh100/plate.1001.exr", "sh110/plate.1001.exr")))).toEqual(["sh100", "sh110"]);
    expect(names(sortPlates(drop("a/sh100/plate.mov", "b/sh100/plate.mov", "a/sh110/plate.mov")))).toEqual([
      "plate",
      "sh110",
      "plate_2",
    ]);
    // What is beside one of them, and called otherwise, does not count.
    expect(names(sortPlates(drop("a/door.mov", "a/plate.mov", "b/plate.mov")))).toEqual(["door", "a", "b"]);
    const after = withMore(withMore(NOTHING, drop("sh100/plate.1001.exr")), drop("sh110/plate.1001.exr"));
    expect(names(after)).toEqual(["plate", "sh110"]);
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

  it("tells which frames are missing, and can be cut to the longest run without a hole", () => {
    const [plate] = sortPlates(drop("a.1.png", "a.2.png", "a.4.png", "a.5.png", "a.6.png", "a.9.png")).plates;
    expect(plate?.gaps).toEqual([[3, 3], [7, 8]]);
    expect(gapsText(plate?.gaps ?? [])).toBe("3, 7–8");
    expect(gapsText(plate?.gaps ?? [], 1)).toBe("3 and 2 more");
    if (!plate) throw new Error("no plate");
    expect(longestRun(plate)).toEqual([4, 6]);
    const part = cutTo({ ...plate, name: "hero" }, [4, 6]);
    expect(part).toMatchObject({ title: "a.[4-6].png", name: "hero", gaps: [], frames: [4, 6], size: 6 });
    expect(part.files.map(({ path }) => path)).toEqual(["a.4.png", "a.5.png", "a.6.png"]);
  });

  it("leaves out what is empty, a still, or of a name the server takes for none, and says why", () => {
    const { plates, others } = sortPlates([
      dropped("a.mov", ""),
      dropped("still.png"),
      dropped("what?.mov"),
      dropped("b.1.png"),
      dropped("b.2.png", ""),
      dropped("b.3.png"),
    ]);
    expect(plates).toHaveLength(1);
    expect(plates[0]?.gaps).toEqual([[2, 2]]);
    expect(others.map(({ path }) => path)).toEqual(["a.mov", "still.png", "what?.mov", "b.2.png"]);
    expect(others.map(({ why }) => why)).toEqual([
      expect.stringContaining("0 bytes"),
      expect.stringContaining("frame number"),
      expect.stringContaining("rename"),
      expect.stringContaining("0 bytes"),
    ]);
  });

  it("of one name from two folders, which loose files do not say, are two plates", () => {
    const { plates } = withMore(sortPlates([dropped("a.mov", "12")]), [dropped("a.mov", "123"), dropped("a.mov", "12")]);
    expect(plates.map(({ name, size }) => [name, size])).toEqual([
      ["a", 2],
      ["a_2", 3],
    ]);
    const twice = sortPlates([dropped("s.1.png", "1"), dropped("s.2.png", "1"), dropped("s.1.png", "22"), dropped("s.2.png", "22")]);
    expect(twice.plates.map(({ frames, size }) => [frames, size])).toEqual([
      [[1, 2], 2],
      [[1, 2], 4],
    ]);
  });

  const version = (content: string, last: number, parcel?: number): Dropped[] =>
    Array.from({ length: last - 1000 }, (_, at) => ({ ...dropped(`plates/sh.${1001 + at}.exr`, content), parcel }));
  const told = ({ plates }: ReturnType<typeof sortPlates>) =>
    plates.map(({ name, frames, gaps, files, size }) => [name, frames, gaps.length, size / files.length]);

  it("of two folders called alike are two plates, none with a frame of the other", () => {
    const two = [["sh", [1001, 1005], 0, 1], ["sh_2", [1001, 1006], 0, 2]];
    const first = withMore(NOTHING, version("1", 1005));
    expect(told(withMore(first, version("22", 1006)))).toEqual(two);
    expect(told(withMore(NOTHING, [...version("1", 1005, 0), ...version("22", 1006, 1)]))).toEqual(two);
    // The longer one first, too.
    expect(told(withMore(withMore(NOTHING, version("22", 1006)), version("1", 1005)))).toEqual([
      ["sh_2", [1001, 1005], 0, 1],
      ["sh", [1001, 1006], 0, 2],
    ]);
  });

  it("of another folder is whole, though some of its files are those of before", () => {
    const later = version("1", 1005).with(2, dropped("plates/sh.1003.exr", "333"));
    const { plates } = withMore(withMore(NOTHING, version("1", 1005)), later);
    expect(plates.map(({ frames, size }) => [frames, size])).toEqual([
      [[1001, 1005], 5],
      [[1001, 1005], 7],
    ]);
  });

  it("may be of either of two plates is put to neither", () => {
    const both = withMore(NOTHING, [...version("1", 1005, 0), ...version("22", 1006, 1)]);
    expect(told(withMore(both, [dropped("plates/sh.1007.exr", "333")]))).toEqual([
      ["sh", [1001, 1005], 0, 1],
      ["sh_2", [1001, 1006], 0, 2],
      ["sh_3", [1007, 1007], 0, 3],
    ]);
    const missing = withMore(NOTHING, [dropped("plates/sh.1007.exr", "333")]);
    expect(told(withMore(missing, [...version("1", 1005, 0), ...version("22", 1006, 1)]))).toHaveLength(3);
  });

  it("came loose of two folders at once, as a disk lists them, is left out and says why", () => {
    const mixed = [...version("1", 1002), ...version("22", 1003)].sort((a, b) => (a.path < b.path ? -1 : 1));
    const { plates, others } = sortPlates(mixed);
    expect(plates).toEqual([]);
    expect(new Set(others.map(({ why }) => why))).toEqual(new Set([expect.stringContaining("came twice")]));
    expect(others).toHaveLength(5);
    const mended = withMore(withMore(withMore(NOTHING, mixed), version("1", 1002)), version("22", 1003));
    expect([mended.plates.length, mended.others]).toEqual([2, []]);
    // Of the second folder's first frame it is told, though the first folder's is there.
    const hollow = withMore(mended, [dropped("plates/sh.1001.exr", "")]);
    expect(hollow.others.map(({ why }) => why)).toEqual([expect.stringContaining("0 bytes")]);
  });

  it("may have spaces and umlauts, as macOS writes them", () => {
    const { plates } = sortPlates(drop("Straße Tür 01/Über den Fluß v2.mov"));
    expect(plates[0]?.name).toBe("Über den Fluß v2");
    expect(plates[0]?.folder).toBe("Straße Tür 01/");
  });

  it("with an edit list among it keeps that apart, but not the XML of a camera", () => {
    const sidecar = { ...dropped("C0001M01.XML"), isSidecar: true };
    const { plates, lists, others } = sortPlates([...drop("reel2.edl", "a.mov", "cut.xml"), sidecar]);
    expect(lists.map(({ path }) => path)).toEqual(["reel2.edl", "cut.xml"]);
    expect(plates).toHaveLength(1);
    expect(others.map(({ path }) => path)).toEqual(["C0001M01.XML"]);
  });

  it("of 2,000 frames is one plate", () => {
    const { plates } = sortPlates(drop(...Array.from({ length: 2000 }, (_, at) => `s/sh.${at + 1001}.exr`)));
    expect(plates.map(({ frames, gaps, files }) => [frames, gaps, files.length])).toEqual([[[1001, 3000], [], 2000]]);
  });
});
