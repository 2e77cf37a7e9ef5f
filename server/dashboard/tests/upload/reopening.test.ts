import { describe, expect, it } from "vitest";
import { isTwin, type Kept, keptOf, withHashes } from "../../src/upload/keeping";
import { type Dropped, sortPlates } from "../../src/upload/plates";
import { chosenAgain, hasHandles, reopened } from "../../src/upload/reopening";

const dropped = (path: string, content: string, origin?: FileSystemHandle): Dropped => ({
  path,
  file: new File([content], path.split("/").at(-1) ?? "", { lastModified: 5 }),
  origin,
});

function record(...files: Dropped[]): Kept {
  const [plate] = sortPlates(files).plates;
  if (!plate) throw new Error("no plate");
  return keptOf("1", "ann", "heist", plate);
}

/** A folder's handle, for which a click has to say yes or no. */
function folder(answer: PermissionState, files: Record<string, string>): FileSystemHandle {
  let state: PermissionState = "prompt";
  const handle = {
    kind: "directory",
    name: "show",
    queryPermission: async () => state,
    requestPermission: async () => (state = answer),
    getDirectoryHandle: async () => handle,
    getFileHandle: async (name: string) => {
      const content = files[name];
      if (state !== "granted" || content === undefined) throw new DOMException("no", "NotFoundError");
      return { getFile: async () => new File([content], name, { lastModified: 5 }) };
    },
  };
  return handle as unknown as FileSystemHandle;
}

describe("an upload that was begun before", () => {
  const files = { "sh.1.exr": "one", "sh.2.exr": "zwei" };
  const frames = (origin?: FileSystemHandle) => [
    dropped("show/sh010/sh.1.exr", "one", origin),
    dropped("show/sh010/sh.2.exr", "zwei", origin),
  ];

  it("is read by its folder's handle, once the browser was told so", async () => {
    const kept = record(...frames(folder("granted", files)));
    expect(hasHandles(kept)).toBe(true);
    expect(kept.origins).toHaveLength(1);
    const found = await reopened(kept);
    expect(await Promise.all(found.map(({ file }) => file.text()))).toEqual(["one", "zwei"]);
    expect(found.map(({ path }) => path)).toEqual(kept.files.map(({ path }) => path));
  });

  it("says what to do when the browser may not, or the files are gone or others", async () => {
    await expect(reopened(record(...frames(folder("denied", files))))).rejects.toMatchObject({
      hint: expect.stringContaining("allow it"),
    });
    await expect(reopened(record(...frames(folder("granted", { "sh.1.exr": "one" }))))).rejects.toThrow(
      "show/sh010/sh.2.exr cannot be read any more.",
    );
    await expect(
      reopened(record(...frames(folder("granted", { ...files, "sh.2.exr": "longer" })))),
    ).rejects.toThrow("it has 6 bytes, and 4 were begun");
  });

  it("goes on with the same files chosen again, in whatever order and company", () => {
    const kept = record(...frames());
    expect(hasHandles(kept)).toBe(false);
    const chosen = [dropped("sh.2.exr", "zwei"), dropped("x.txt", "1"), dropped("sh.1.exr", "other one"), dropped("sh.1.exr", "one")];
    const found = chosenAgain(kept.files, chosen);
    expect(found.map(({ path }) => path)).toEqual(["show/sh010/sh.1.exr", "show/sh010/sh.2.exr"]);
    expect(found[0]?.file.size).toBe(3);
  });

  it("does not with others", () => {
    const kept = record(...frames());
    expect(() => chosenAgain(kept.files, [dropped("sh.1.exr", "one")])).toThrow("sh.2.exr of 2 is not among them.");
    expect(() => chosenAgain(kept.files, [dropped("sh.1.exr", "one"), dropped("sh.2.exr", "fünf")])).toThrow("5 bytes");
  });

  it("keeps what was read of its files", () => {
    const kept = record(...frames());
    const local = kept.files.map((one, at) => ({ ...one, sha256: `hash ${at}` }));
    expect(withHashes(kept, local).files.map(({ sha256 }) => sha256)).toEqual(["hash 0", "hash 1"]);
  });
});

it("a new shot and another shot's new version may be made of the same upload", () => {
  const one = { ...record(dropped("a/sh.1.exr", "one")), uploadId: "u1" };
  const version = (shotId: string, view = "main") => ({ ...one, target: { shotId, view, frameOffset: 0, after: 1 } });
  expect(isTwin(one, { ...one })).toBe(true);
  expect(isTwin(version("s1"), version("s1"))).toBe(true);
  expect([isTwin(one, version("s1")), isTwin(version("s1"), version("s2")), isTwin(version("s1"), version("s1", "right"))])
    .toEqual([false, false, false]);
});
