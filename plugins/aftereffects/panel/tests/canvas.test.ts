import { describe, expect, it } from "vitest";

import { drag, drawn, press, release, type Hold, type Tool } from "../src/canvas/gestures";
import { tint } from "../src/canvas/tint";
import { fit, panned, toCanvas, toPlate, zoomed } from "../src/canvas/view";
import { emptyPrompt } from "../src/model/prompts";

const PLATE = { width: 2048, height: 1556 };
const CANVAS = { width: 500, height: 400 };
const ASPECT = 2;
const VIEW = fit(PLATE, ASPECT, CANVAS);
const NONE = emptyPrompt(1);

describe("the view", () => {
  it("stretches by the pixel aspect, and is whole and in the middle", () => {
    expect(VIEW.x).toBeCloseTo(2 * VIEW.y);
    const end = toCanvas(VIEW, { x: 2048, y: 1556 });
    expect(end.x - VIEW.left).toBeLessThanOrEqual(CANVAS.width);
    expect(VIEW.left).toBeCloseTo(CANVAS.width - end.x);
    expect(VIEW.top).toBeCloseTo(CANVAS.height - end.y);
  });

  it("goes there and back", () => {
    const at = { x: 100.5, y: 30.25 };
    const back = toPlate(VIEW, toCanvas(VIEW, at));
    expect(back.x).toBeCloseTo(at.x);
    expect(back.y).toBeCloseTo(at.y);
  });

  it("keeps the place under the pointer when it grows, and its shape", () => {
    const at = { x: 250, y: 200 };
    const near = zoomed(VIEW, at, 6, PLATE, ASPECT, CANVAS);
    expect(toPlate(near, at).x).toBeCloseTo(toPlate(VIEW, at).x);
    expect(toPlate(near, at).y).toBeCloseTo(toPlate(VIEW, at).y);
    expect(near.x).toBeCloseTo(2 * near.y);
    expect(zoomed(near, at, 0.001, PLATE, ASPECT, CANVAS)).toEqual(VIEW);
  });

  it("cannot lose the plate", () => {
    const near = zoomed(VIEW, { x: 250, y: 200 }, 6, PLATE, ASPECT, CANVAS);
    const far = panned(near, 1e6, -1e6, PLATE, CANVAS);
    expect(far.left).toBeLessThanOrEqual(4);
    expect(far.top + PLATE.height * far.y).toBeGreaterThanOrEqual(CANVAS.height - 5);
  });
});

describe("the hand", () => {
  const at = { x: 250, y: 200 };
  const near = (hold: Hold | null): Hold => {
    if (!hold) throw new Error("nothing is held");
    return hold;
  };
  const down = (tool: Tool, more = {}) =>
    press({ at, button: 0, alt: false, space: false, ...more }, tool, NONE, VIEW, PLATE);

  it("clicks where it pressed, on or beside the object", () => {
    const where = toPlate(VIEW, at);
    expect(release(near(down("add")), "add")).toEqual({ kind: "click", ...where, positive: true });
    expect(release(near(down("remove")), "remove")).toMatchObject({ positive: false });
    expect(release(near(down("add", { alt: true })), "add")).toMatchObject({ positive: false });
    expect(release(near(down("remove", { alt: true })), "remove")).toMatchObject({
      positive: true,
    });
  });

  it("shakes without drawing a box, and draws one further on", () => {
    const held = near(down("add"));
    const shaken = drag(held, { x: 252, y: 201 }, VIEW, PLATE).hold;
    expect(release(shaken, "add")!.kind).toBe("click");
    const drawing = drag(held, { x: 300, y: 260 }, VIEW, PLATE).hold;
    const corner = toPlate(VIEW, { x: 300, y: 260 });
    const start = toPlate(VIEW, at);
    expect(drawn(drawing)).toEqual([start.x, start.y, corner.x, corner.y]);
    expect(release(drawing, "add")!.kind).toBe("box");
  });

  it("keeps a box on the plate", () => {
    const hold = drag(near(down("box")), { x: 9999, y: 9999 }, VIEW, PLATE).hold;
    expect(release(hold, "box")).toMatchObject({ kind: "box" });
    expect(drawn(hold)!.slice(2)).toEqual([PLATE.width, PLATE.height]);
    expect(release(near(down("box")), "box")).toBeNull();
  });

  it("says nothing beside the plate", () => {
    expect(down("add", { at: { x: 250, y: 1 } })).toBeNull();
  });

  it("takes a point that is there, one undo step a drag", () => {
    const point = { ...toPlate(VIEW, at), positive: true };
    const prompt = { ...NONE, points: [point] };
    const hold = near(
      press({ at, button: 0, alt: false, space: false }, "add", prompt, VIEW, PLATE),
    );
    const first = drag(hold, { x: 260, y: 210 }, VIEW, PLATE);
    const second = drag(first.hold, { x: 270, y: 210 }, VIEW, PLATE);
    expect(first.act).toMatchObject({ kind: "move", place: 0, first: true });
    expect(second.act).toMatchObject({ kind: "move", first: false });
    expect(release(second.hold, "add")).toBeNull();
  });

  it("moves the picture with the middle button or space", () => {
    for (const more of [{ button: 1 }, { space: true }]) {
      const moved = drag(near(down("add", more)), { x: 255, y: 190 }, VIEW, PLATE);
      expect(moved.act).toEqual({ kind: "pan", dx: 5, dy: -10 });
    }
  });
});

describe("a mask's colour", () => {
  it("is a veil inside, opaque at the edge, nothing outside; the plate's border is no edge", () => {
    const inside = [0, 255, 255, 255];
    const grey = [inside, inside, inside].flat();
    const pixels = new Uint8ClampedArray(grey.flatMap((value) => [value, value, value, 255]));
    tint(pixels, 4, [1, 0.5, 0]);
    const alpha = grey.map((_, i) => pixels[4 * i + 3]);
    expect(alpha.slice(4, 8)).toEqual([0, 255, 97, 97]);
    expect([...pixels.slice(4, 7)]).toEqual([255, 128, 0]);
  });
});
