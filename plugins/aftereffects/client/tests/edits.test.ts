/** What an artist did to masks, told from what was given. */

import { describe, expect, it } from "vitest";
import type { MaskData, MaskFile, MaskNow } from "../../contract/host";
import type { DocumentKey, DocumentShape, Point, RotoDocument } from "../src/document";
import { editsFrom } from "../src/edits";
import { correctionBody } from "../src/requests";

const THIRD = 1 / 3;
type Pose = { frame: number; tx: number; ty: number; rotate: number; scale: number };

/** A triangle whose numbers have more decimals than the data keeps. */
function points(dx = 0): Point[] {
  return [
    [10 + dx + THIRD, 10, -3, 0, 3, 0, false],
    [50 + dx, 12 + THIRD, 0, 0, 0, 0, true],
    [30 + dx, 60, 2, 2, -2, -2, false],
  ];
}

function keys(...frames: number[]): DocumentKey[] {
  return frames.map((frame) => ({
    frame,
    points: points(frame - 1001),
    origin: "solved",
    locked: false,
    interpolation: "linear",
  }));
}

function shape(id: string, more: Partial<DocumentShape> = {}): DocumentShape {
  return {
    id,
    name: id,
    kind: "bezier",
    closed: true,
    mode: "add",
    inverted: false,
    visible: [],
    opacity: 1,
    feather: 0,
    motion_blur: false,
    color: null,
    keys: keys(1001, 1005, 1008),
    ...more,
  };
}

function documentOf(shapes: DocumentShape[], transform: unknown = null): RotoDocument {
  const layer = { id: "L1", name: "hero", color: [1, 1, 1], transform, shapes, extra: "kept" };
  return {
    schema: "roto/1",
    width: 160,
    height: 120,
    fps: [24, 1],
    frame_range: [1001, 1008],
    layers: [layer],
  };
}

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

/** As the farm writes it, `place` being the layer's motion. */
function maskOf(
  own: DocumentShape,
  place: (points: Point[], frame: number) => Point[] = (them) => them,
): MaskData {
  return {
    name: `hero ${own.name}`,
    layer: "hero",
    layer_id: "L1",
    shape_id: own.id,
    mode: own.mode,
    inverted: own.inverted,
    closed: own.closed,
    color: [1, 1, 1],
    motion_blur: false,
    feather: own.feather as number,
    opacity: 100,
    frames: own.keys.map((key) => key.frame),
    hold: [],
    points: own.keys.map((key) =>
      place(key.points, key.frame).flatMap((point) =>
        point.slice(0, 6).map((v) => rounded(Number(v))),
      ),
    ),
  };
}

/** Through After Effects and back: a source of another size than the plate, 64-bit floats. */
function back(mask: MaskData, more: Partial<MaskNow> = {}): MaskNow {
  const through = mask.points.map((row) => row.map((value) => (value * 0.7) / 0.7));
  return { ...mask, points: through, index: 1, foundBy: "name", expansion: 0, eased: [], ...more };
}

function edited(document: RotoDocument, given: MaskData[], now: MaskNow[], only?: number[]) {
  const file = { masks: given } as unknown as MaskFile;
  return editsFrom({ document, given: file, now, objects: { L1: "hero" }, only });
}

function moved(mask: MaskNow, frame: number, dx: number): MaskNow {
  const at = mask.frames.indexOf(frame);
  const row = mask.points[at]!.map((value, i) => (i % 6 === 0 ? value + dx : value));
  return { ...mask, points: mask.points.map((one, i) => (i === at ? row : one)) };
}

function layerOf(found: ReturnType<typeof edited>) {
  return found.edits[0]!.layer as unknown as { shapes: DocumentShape[]; extra: string };
}

describe("masks nobody touched", () => {
  it("are no correction, whatever rounding did", () => {
    const document = documentOf([shape("a"), shape("b", { mode: "subtract" })]);
    const given = document.layers[0]!.shapes.map((own) => maskOf(own));
    expect(
      edited(
        document,
        given,
        given.map((mask) => back(mask)),
      ),
    ).toEqual({ edits: [], notes: [] });
    expect(() => correctionBody({ baseVersion: 1, edits: [] })).toThrow(/Nothing differs/);
  });

  it("that are gone altogether are told so", () => {
    const document = documentOf([shape("a")]);
    expect(() => edited(document, [maskOf(shape("a"))], [])).toThrow(/not on the layer any more/);
  });
});

describe("a moved key", () => {
  const document = documentOf([shape("a"), shape("b")]);
  const given = document.layers[0]!.shapes.map((own) => maskOf(own));
  const now = [moved(back(given[0]!), 1005, 2), back(given[1]!)];

  it("is the artist's; all others are the document's own", () => {
    const found = edited(document, given, now);
    expect(found.edits[0]).toMatchObject({ object: "hero", frames: [1005] });
    const layer = layerOf(found);
    const was = document.layers[0]!.shapes;
    expect(layer.extra).toBe("kept");
    expect(layer.shapes[1]).toEqual(was[1]);
    expect(layer.shapes[0]!.keys[0]).toBe(was[0]!.keys[0]);
    expect(layer.shapes[0]!.keys[2]).toBe(was[0]!.keys[2]);
    const key = layer.shapes[0]!.keys[1]!;
    expect(key.origin).toBe("artist");
    expect(key.points[1]![0]).toBeCloseTo(56, 3);
    expect(key.points.map((point) => point[6])).toEqual([false, true, false]);
  });

  it("counts only on the frames asked for", () => {
    expect(edited(document, given, now, [1001]).edits).toEqual([]);
    expect(edited(document, given, now, [1005]).edits[0]!.frames).toEqual([1005]);
  });
});

describe("keys and masks that come and go", () => {
  const own = shape("a");
  const mask = maskOf(own);

  it("added and deleted keys count with their frames", () => {
    const row = [...mask.points[0]!];
    const now = back({
      ...mask,
      frames: [1001, 1003, 1008],
      points: [mask.points[0]!, row, mask.points[2]!],
    });
    const found = edited(documentOf([own]), [mask], [now]);
    expect(found.edits[0]!.frames).toEqual([1003, 1005]);
    expect(layerOf(found).shapes[0]!.keys.map((key) => key.frame)).toEqual([1001, 1003, 1008]);
  });

  it("keys outside the shot's frames are told of", () => {
    const points = [...mask.points, mask.points[0]!];
    const now = back({ ...mask, frames: [...mask.frames, 1020], points });
    const found = edited(documentOf([own]), [mask], [now]);
    expect(found.edits).toEqual([]);
    expect(found.notes[0]).toMatch(/outside frames 1001-1008/);
  });

  it("a deleted mask takes its shape away", () => {
    const document = documentOf([own, shape("b")]);
    const given = document.layers[0]!.shapes.map((one) => maskOf(one));
    const found = edited(document, given, [back(given[0]!)]);
    expect(found.edits[0]!.frames).toEqual([1001, 1005, 1008]);
    expect(layerOf(found).shapes.map((one) => one.id)).toEqual(["a"]);
  });

  it("a mask drawn for the object is taken along, others are not", () => {
    const drawn = { layer_id: "", shape_id: "", frames: [1004], points: [mask.points[0]!] };
    const strap = back({ ...mask, ...drawn, name: "hero strap" });
    const other = back({ ...mask, ...drawn, name: "Mask 7" });
    const found = edited(documentOf([own]), [mask], [back(mask), strap, other]);
    expect(found.edits[0]!.frames).toEqual([1004]);
    const added = layerOf(found).shapes[1]!;
    expect(added).toMatchObject({ name: "strap", mode: "add", kind: "bezier" });
    expect(added.id).toMatch(/^[0-9a-f]{32}$/);
    expect(found.notes.join()).toMatch(/Mask 7: not one of the farm's/);
  });

  it("another number of points makes all keys the artist's", () => {
    const now = back({ ...mask, points: mask.points.map((row) => [...row, 5, 5, 0, 0, 0, 0]) });
    const layer = layerOf(edited(documentOf([own]), [mask], [now]));
    expect(layer.shapes[0]!.keys.every((key) => key.points.length === 4)).toBe(true);
    expect(layer.shapes[0]!.keys.every((key) => key.origin === "artist")).toBe(true);
  });
});

describe("a path without keys", () => {
  const own = shape("a", { keys: keys(1001) });
  const mask = maskOf(own);

  it("is on the frame it was given, wherever the time indicator is", () => {
    for (const frames of [[1001], [1007], []]) {
      const now = back({ ...mask, frames });
      expect(edited(documentOf([own]), [mask], [now]).edits).toEqual([]);
      const pulled = { ...now, points: moved(back(mask), 1001, 4).points };
      expect(edited(documentOf([own]), [mask], [pulled]).edits[0]!.frames).toEqual([1001]);
    }
  });

  it("whose keys were all taken away is corrected where they were", () => {
    const keyed = shape("a");
    const given = maskOf(keyed);
    const now = back({ ...given, frames: [], points: [given.points[0]!] });
    const found = edited(documentOf([keyed]), [given], [now]);
    expect(found.edits[0]!.frames).toEqual([1005, 1008]);
    expect(layerOf(found).shapes[0]!.keys.map((key) => key.frame)).toEqual([1001]);
  });
});

describe("a layer none of whose masks is left", () => {
  it("is told of, and the others are corrected", () => {
    const document = documentOf([shape("a")]);
    document.layers.push({
      ...document.layers[0]!,
      id: "L2",
      name: "villain",
      shapes: [shape("v")],
    });
    const given = maskOf(shape("a"));
    const file = { masks: [given] } as unknown as MaskFile;
    const objects = { L1: "hero", L2: "villain" };
    const now = [moved(back(given), 1005, 2)];
    const found = editsFrom({ document, given: file, now, objects });
    expect(found.edits.map((edit) => edit.object)).toEqual(["hero"]);
    expect(found.notes).toEqual(["villain: none of its masks is there, so it is not corrected"]);
  });
});

describe("what has no frame of its own", () => {
  const own = shape("a");
  const mask = maskOf(own);

  it("mode, inversion, feather and opacity count with the whole shape", () => {
    const now = back(mask, { mode: "subtract", inverted: true, feather: 4, opacity: 50 });
    const found = edited(documentOf([own]), [mask], [now]);
    expect(found.edits[0]!.frames).toEqual([1001, 1005, 1008]);
    const changed = { mode: "subtract", inverted: true, feather: 4, opacity: 0.5 };
    expect(layerOf(found).shapes[0]).toMatchObject(changed);
    expect(layerOf(found).shapes[0]!.keys).toBe(own.keys);
  });

  it("what roto shapes cannot hold is told, and changes nothing", () => {
    const found = edited(
      documentOf([own]),
      [mask],
      [back(mask, { expansion: 3, eased: [0], mode: "none" })],
    );
    expect(found.edits).toEqual([]);
    expect(found.notes).toHaveLength(3);
  });
});

describe("a layer that moves", () => {
  const poses: Pose[] = [
    { frame: 1001, tx: 0, ty: 0, rotate: 0, scale: 1 },
    { frame: 1008, tx: 14, ty: -7, rotate: 35, scale: 1.7 },
  ];
  const pivot = [30, 20];

  /** The forward motion, written apart from the code that undoes it. */
  function place(them: Point[], frame: number): Point[] {
    const share = (frame - 1001) / 7;
    const angle = (35 * share * Math.PI) / 180;
    const scale = 1 + 0.7 * share;
    const turn = (x: number, y: number): [number, number] => [
      scale * (x * Math.cos(angle) - y * Math.sin(angle)),
      scale * (x * Math.sin(angle) + y * Math.cos(angle)),
    ];
    return them.map(([x, y, a, b, c, d, corner]) => {
      const [u, v] = turn(x - pivot[0]!, y - pivot[1]!);
      return [
        u + pivot[0]! + 14 * share,
        v + pivot[1]! - 7 * share,
        ...turn(a, b),
        ...turn(c, d),
        corner,
      ];
    });
  }

  it("keeps its motion: touched keys go back through it, baked ones are left out", () => {
    const own = shape("a", { keys: keys(1001, 1008) });
    const document = documentOf([own], { pivot, keys: poses });
    const baked = { ...own, keys: keys(1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008) };
    const mask = maskOf(baked, place);
    expect(edited(document, [mask], [back(mask)]).edits).toEqual([]);
    const found = edited(document, [mask], [moved(back(mask), 1004, 5)]);
    expect(found.edits[0]!.frames).toEqual([1004]);
    const kept = layerOf(found).shapes[0]!.keys;
    expect(kept.map((key) => key.frame)).toEqual([1001, 1004, 1008]);
    expect(kept[0]).toBe(own.keys[0]);
    const shown = place(kept[1]!.points, 1004).flat();
    const due = mask.points[3]!.map((value, i) => (i % 6 === 0 ? value + 5 : value));
    due.forEach((value, i) => expect(shown[i + Math.floor(i / 6)]).toBeCloseTo(value, 3));
  });
});
