import { expect, it } from "vitest";
import { correctionBody, countSaid, promptOf, segmentBody } from "../../src/prompting/bodies";
import { correctedLayer, intoLayer } from "../../src/prompting/corrected";
import * as model from "../../src/prompting/model";
import { unprompted } from "../../src/prompting/Sending";
import { needsFarm } from "../../src/prompting/usePreview";
import { DEFAULTS } from "../../src/prompting/wanted";
import { type ControlPoint, type Layer, outlineAt, type RotoDocument } from "../../src/review/documents";

const square = (x: number, y: number): ControlPoint[] => [
  [x, y, 0, 0, 0, 0, true],
  [x + 10, y, 0, 0, 0, 0, true],
  [x + 10, y + 10, 0, 0, 0, 0, true],
];
const layer: Layer = {
  id: "l1",
  name: "hero",
  transform: { pivot: [5, 5], keys: [{ frame: 1, tx: 0, ty: 0 }, { frame: 11, tx: 100, ty: 50, rotate: 90, scale: 2 }] },
  shapes: [
    {
      id: "s1",
      name: "body",
      kind: "bezier",
      keys: [
        { frame: 1, points: square(0, 0), origin: "artist", locked: true },
        { frame: 11, points: square(0, 0), origin: "solved" },
      ],
    },
  ],
};
const document: RotoDocument = { layers: [layer] };
let draft = model.withObject({ objects: [], moved: {} }, "k");
draft = model.changing(draft, "k", (object) => ({ ...object, name: "hero", color: "#ff8000", range: [2, 9] }));
const clicked = model.saying(draft, "k", 5, (said) => model.clicked(said, { x: 3, y: 4, positive: true }, 1));
const none = () => undefined;

it("what is asked of a job holds objects with prompts, and the server's own where nothing is chosen", () => {
  const body = segmentBody(model.withObject(clicked, "silent"), "left", DEFAULTS, none);
  expect(body.objects).toEqual([
    {
      name: "hero",
      label: "",
      color: [1, 128 / 255, 0],
      frame_range: [2, 9],
      prompts: [{ frame: 5, points: [{ x: 3, y: 4, positive: true }] }],
    },
  ]);
  expect(body).toMatchObject({ engine: "auto", quality: null, frame_range: null, view: "left" });
  expect(body).not.toHaveProperty("range");
});

it("a prompt tells only what is said", () => {
  expect(promptOf(3, { ...model.NOTHING, absent: true }, undefined)).toEqual({ frame: 3, absent: true });
  expect(promptOf(3, { ...model.NOTHING, box: [1, 2, 3, 4] }, "cG5n")).toEqual({
    frame: 3,
    box: [1, 2, 3, 4],
    mask: { png: "cG5n" },
  });
  const clicks = { ...model.NOTHING, points: [{ x: 1, y: 2, positive: true }] };
  const shape = [{ kind: "bezier" as const, points: [[0, 0], [9, 0], [9, 9]] }];
  expect(promptOf(3, { ...clicks, curves: shape }, undefined)).toEqual({ frame: 3, points: clicks.points, outline: shape });
  // Of masks that were offered the one that was chosen is meant, whatever led there.
  expect(promptOf(3, { ...clicks, choice: "x" }, "cG5n")).toEqual({ frame: 3, mask: { png: "cG5n" } });
});

it("a correction holds the whole layer, with a hand's key on its frame and all others as they were", () => {
  const points = square(40, 30);
  const moved = model.outlineMoved(clicked, model.outlineId("hero", "s1"), 6, points);
  const body = correctionBody(moved, 3, document, none);
  expect(body.base_version).toBe(3);
  const [edit] = body.edits;
  expect(edit).toMatchObject({ object: "hero", frames: [6], prompts: [{ frame: 5 }] });
  const sent = edit?.layer as unknown as Layer;
  const keys = sent.shapes[0]?.keys ?? [];
  expect(keys.map(({ frame }) => frame)).toEqual([1, 6, 11]);
  expect([keys[0], keys[2]]).toEqual(layer.shapes[0]?.keys);
  expect(keys[1]).toMatchObject({ origin: "artist", interpolation: "linear" });
  const shown = outlineAt(sent, sent.shapes[0]!, 6)!;
  shown.flat().forEach((value, at) => expect(Number(value)).toBeCloseTo(Number(points.flat()[at]), 6));
});

it("where nothing was moved the layer is not sent, and a silent object is no edit", () => {
  const body = correctionBody(model.withObject(clicked, "silent"), 1, document, none);
  expect(body.edits).toEqual([{ object: "hero", prompts: [{ frame: 5, points: [{ x: 3, y: 4, positive: true }] }] }]);
  expect(countSaid(clicked)).toEqual({ frames: 1, objects: 1 });
});

it("points come back through a layer's transform", () => {
  const plate = outlineAt(layer, layer.shapes[0]!, 8)!;
  const own = intoLayer(layer, 8, plate);
  own.flat().forEach((value, at) => expect(Number(value)).toBeCloseTo(Number(square(0, 0).flat()[at]), 6));
});

it("a spline that a hand has touched becomes the Beziers that it draws", () => {
  const spline: Layer = { ...layer, transform: null, shapes: [{ ...layer.shapes[0]!, kind: "bspline" }] };
  const before = outlineAt(spline, spline.shapes[0]!, 1);
  const after = correctedLayer(spline, { "hero/s1": { 6: square(1, 1) } });
  expect(after.shapes[0]?.kind).toBe("bezier");
  expect(outlineAt(after, after.shapes[0]!, 1)).toEqual(before);
});

it("what is missing is told", () => {
  expect(unprompted(draft)).toContain("Click on an object");
  const beside = model.saying(draft, "k", 5, (said) => model.clicked(said, { x: 3, y: 4, positive: false }, 1));
  expect(unprompted(beside)).toContain("Show where hero is");
  expect(unprompted(clicked)).toBeNull();
});

it("the farm is asked where it can tell more than is there", () => {
  const asked = (said: Partial<model.Said>, under: string | null = null) =>
    needsFarm({ key: "k", name: "hero", said: { ...model.NOTHING, ...said }, under });
  const beside = [{ x: 1, y: 1, positive: false }];
  expect(asked({ points: beside })).toBe(false);
  expect(asked({ points: beside }, "/matte")).toBe(true);
  expect(asked({ box: [0, 0, 9, 9] })).toBe(true);
  expect(asked({ paint: { base: "", strokes: [] } })).toBe(false);
  expect(asked({ absent: true }, "/matte")).toBe(false);
});
