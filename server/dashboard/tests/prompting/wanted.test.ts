import { expect, it } from "vitest";
import { askedOf, DEFAULTS, modelChoices, waitsFor, wrongOf } from "../../src/prompting/wanted";

const known = [
  { engine: "flow", model: "dis", workers: 2, previews: true },
  { engine: "sam2", model: "nano", workers: 0, previews: false },
];

it("models are those of the engine, and who has them is told", () => {
  expect(modelChoices(known, "auto").map(([model]) => model)).toEqual(["auto", "dis", "nano"]);
  expect(modelChoices(known, "sam2")).toEqual([["auto", "Best there is (no worker has it)"], ["nano", "nano (no worker has it)"]]);
  expect(modelChoices(known, "auto")[0]).toEqual(["auto", "Best there is"]);
  expect(modelChoices([], "sam2")).toEqual([["auto", "Best there is"]]);
  expect(waitsFor(known, { engine: "auto", model: "auto" })).toBeNull();
  expect(waitsFor(known, { engine: "sam2", model: "auto" })).toContain("waits until");
});

it("what cannot be asked for is told by its field", () => {
  const wrong = (change: object) => Object.keys(wrongOf({ ...DEFAULTS, ...change }, 1001, 1010));
  expect(wrong({})).toEqual([]);
  expect(wrong({ range: ["1001", "1010"], tolerance: "0.5", template: "{object}.{ext}" })).toEqual([]);
  for (const range of [["1001", "1011"], ["1005", "1004"], ["1001.5", "1006"], ["", "1006"], ["1e3", "1006"]]) {
    expect(wrong({ range })).toEqual(["range"]);
  }
  expect(wrong({ outputs: [] })).toEqual(["outputs"]);
  expect(wrong({ outputs: [], videos: ["cutout"] })).toEqual([]);
  expect(wrong({ exports: [] })).toEqual(["exports"]);
  expect(wrong({ tolerance: "0" })).toEqual(["tolerance"]);
  expect(wrong({ tolerance: "wide" })).toEqual(["tolerance"]);
  expect(wrong({ template: "a/{object}" })).toEqual(["template"]);
});

it("what nothing was said of is left out, so that presets and the project hold", () => {
  const asked = askedOf(DEFAULTS);
  expect(asked).toMatchObject({ engine: "auto", model: "auto", quality: null, frame_range: null });
  for (const field of ["tolerance", "template", "edges", "range", "detail"]) expect(asked).not.toHaveProperty(field);
  expect(askedOf({ ...DEFAULTS, range: ["1002", "1005"], detail: true, videos: ["cutout"], tolerance: "2" })).toMatchObject({
    frame_range: [1002, 1005],
    edges: { detail: true, refine: true },
    videos: [{ kind: "cutout" }],
    tolerance: 2,
  });
});
