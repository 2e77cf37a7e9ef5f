import { describe, expect, it } from "vitest";
import { droppedFiles, handledFiles } from "../../src/upload/entries";

const file = (fullPath: string) => ({
  isFile: true,
  fullPath,
  file: (take: (one: File) => void) => take(new File(["1"], fullPath.split("/").at(-1) ?? "")),
});

/** A folder whose reader gives two entries at a time, as browsers give a hundred. */
const folder = (entries: object[]) => ({
  isFile: false,
  isDirectory: true,
  createReader: () => {
    const left = [...entries];
    return { readEntries: (take: (some: object[]) => void) => take(left.splice(0, 2)) };
  },
});

const drop = (...entries: object[]) =>
  ({ items: entries.map((entry) => ({ kind: "file", webkitGetAsEntry: () => entry })) }) as unknown as DataTransfer;

describe("a drop", () => {
  it("is walked through, folder by folder, to its end", async () => {
    const inner = folder([file("/show/sh010/sh010.1001.exr")]);
    const outer = folder([file("/show/a.mov"), file("/show/b.mov"), file("/show/c.mov"), inner]);
    const found = await droppedFiles(drop(outer, file("/d.mov")));
    expect(found.map(({ path }) => path)).toEqual([
      "show/a.mov",
      "show/b.mov",
      "show/c.mov",
      "show/sh010/sh010.1001.exr",
      "d.mov",
    ]);
  });

  it("tells its folders apart: two may be called alike", async () => {
    const plates = () => folder([file("/plates/sh.1001.exr")]);
    const found = await droppedFiles(drop(plates(), file("/d.mov"), plates()));
    expect(found.map(({ path, parcel }) => [path, parcel])).toEqual([
      ["plates/sh.1001.exr", 0],
      ["d.mov", undefined],
      ["plates/sh.1001.exr", 2],
    ]);
  });

  it("of a browser without entries is its files", async () => {
    const one = new File(["1"], "a.mov");
    const items = [{ kind: "file", getAsFile: () => one }, { kind: "string" }];
    expect(await droppedFiles({ items } as unknown as DataTransfer)).toEqual([{ path: "a.mov", file: one }]);
  });

  it("keeps what each file may be read by again, where the browser tells it", async () => {
    const handle = { kind: "directory", name: "show" };
    const item = (entry: object, told: () => Promise<unknown>) => ({
      kind: "file",
      webkitGetAsEntry: () => entry,
      getAsFileSystemHandle: told,
    });
    const items = [
      item(folder([file("/show/a.mov")]), async () => handle),
      item(file("/b.mov"), async () => Promise.reject(new DOMException("not now", "NotAllowedError"))),
    ];
    const found = await droppedFiles({ items } as unknown as DataTransfer);
    expect(found.map(({ path, origin }) => [path, origin])).toEqual([
      ["show/a.mov", handle],
      ["b.mov", undefined],
    ]);
  });
});

describe("what Chromium's choosers give", () => {
  it("is walked through by its handles", async () => {
    const one = (name: string) => ({ kind: "file", name, getFile: async () => new File(["1"], name) });
    const dir = (name: string, ...inside: object[]) => ({
      kind: "directory",
      name,
      values: async function* () {
        yield* inside;
      },
    });
    const show = dir("show", one("a.mov"), dir("sh010", one("sh010.1.exr"))) as unknown as FileSystemHandle;
    const found = await handledFiles([show]);
    expect(found.map(({ path, origin }) => [path, origin === show])).toEqual([
      ["show/a.mov", true],
      ["show/sh010/sh010.1.exr", true],
    ]);
  });
});
