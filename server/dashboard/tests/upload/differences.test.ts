import { expect, it } from "vitest";
import { viewOf } from "../../src/api/shots";
import { differences } from "../../src/upload/differences";
import { whyNotAdd } from "../../src/upload/NewVersion";
import { sortPlates } from "../../src/upload/plates";

const dropped = (...paths: string[]) => sortPlates(paths.map((path) => ({ path, file: new File(["1"], path) }))).plates;
const sequence = (name: string, first: number, last: number) =>
  dropped(...Array.from({ length: last - first + 1 }, (_, at) => `${name}.${first + at}.exr`));
const before = (path: string, range: [number, number] | null) => ({
  version: 1,
  plate: { kind: path.endsWith(".mov") ? ("movie" as const) : ("sequence" as const), path, first_frame: null },
  frame_range: range,
});

it("a plate that is numbered and called as before differs in nothing", () => {
  const [plate] = sequence("sh", 1001, 1003);
  if (!plate) throw new Error("no plate");
  expect(differences(plate, before("/store/sh.%04d.exr", [1001, 1003]), 0)).toEqual({ told: [], shift: null });
  expect(differences(plate, before("/store/sh.%04d.exr", [993, 995]), 8)).toEqual({ told: [], shift: null });
});

it("what differs is told, and how as many frames are shifted", () => {
  const [plate] = sequence("sh_v002", 1001, 1003);
  if (!plate) throw new Error("no plate");
  expect(differences(plate, before("/p/sh_v001.####.exr", [993, 995]), 0)).toEqual({
    told: [
      "Called sh_v002.#.exr, where version 1 is called sh_v001.#.exr.",
      "Frames 1001–1003, where 993–995 are expected.",
    ],
    shift: 8,
  });
  expect(differences(plate, before("/p/sh_v002.%d.exr", [1001, 1004]), 0)).toEqual({
    told: ["Frames 1001–1003, where 1001–1004 are expected."],
    shift: null,
  });
  expect(differences(plate, before("/p/sh.mov", null), 0).told).toEqual([
    "A sequence, where version 1 is a movie.",
    "Called sh_v002.#.exr, where version 1 is called sh.mov.",
  ]);
});

it("a version is one plate without holes, of a view, at a whole offset", () => {
  const plates = sequence("sh", 1, 2);
  expect(whyNotAdd(plates, "main", 0)).toBe("");
  expect(whyNotAdd([...plates, ...dropped("a.mov")], "main", 0)).toContain("leave out the others");
  expect(whyNotAdd(plates, "", 0)).toContain("which view");
  expect(whyNotAdd(plates, "main", null)).toContain("whole number");
  expect(whyNotAdd(dropped("a.1.exr", "a.3.exr"), "main", 0)).toContain("lacks frames");
});

it("the view that is meant is main, whatever was made last", () => {
  expect(viewOf([{ view: "right" }, { view: "main" }])).toBe("main");
  expect(viewOf([{ view: "left" }])).toBe("left");
  expect(viewOf([])).toBe("main");
});
