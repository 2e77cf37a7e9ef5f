import { expect, it } from "vitest";
import * as model from "../../src/prompting/model";

const draft = model.withObject({ objects: [], moved: {} }, "k");
const say = (next: (said: model.Said) => model.Said, from = draft) => model.saying(from, "k", 7, next);
const on = (x: number, y: number) => ({ x, y, positive: true });

it("a click on a click takes it away, and nothing said leaves no frame", () => {
  const once = say((said) => model.clicked(said, on(10, 10), 3));
  expect(model.promptedFrames(once.objects[0]!)).toEqual([7]);
  const twice = say((said) => model.clicked(said, on(12, 10), 3), once);
  expect(twice.objects[0]?.said).toEqual({});
  const beside = say((said) => model.clicked(said, on(14, 10), 3), once);
  expect(model.saidOn(beside.objects[0], 7).points).toHaveLength(2);
});

it("absent takes all else away, and a click takes absent away", () => {
  const clicked = say((said) => model.clicked(said, on(10, 10), 3));
  const absent = say(model.absented, clicked);
  expect(model.saidOn(absent.objects[0], 7)).toEqual({ ...model.NOTHING, absent: true });
  const again = say((said) => model.clicked(said, on(1, 1), 3), absent);
  expect(model.saidOn(again.objects[0], 7)).toEqual({ ...model.NOTHING, points: [on(1, 1)] });
  expect(say(model.absented, absent).objects[0]?.said).toEqual({});
});

it("strokes go over what the first one went over", () => {
  const stroke = (erase: boolean) => ({ erase, radius: 5, points: [[1, 2]] as [number, number][] });
  const first = model.painted(model.NOTHING, stroke(false), "base");
  const second = model.painted(first, stroke(true), "another");
  expect(second.paint).toEqual({ base: "base", strokes: [stroke(false), stroke(true)] });
});

it("a mask that was chosen is what is clicked and painted on; a box begins anew", () => {
  const stroke = { erase: true, radius: 5, points: [[1, 2]] as [number, number][] };
  const chosen = model.chosen(model.clicked(model.NOTHING, on(10, 10), 3), "second");
  expect(model.isOwnMask(chosen)).toBe(true);
  const more = model.clicked(chosen, on(40, 40), 3);
  expect(more).toEqual({ ...model.NOTHING, points: [on(10, 10), on(40, 40)], paint: { base: "second", strokes: [] } });
  expect(model.clicked(chosen, on(10, 10), 3)).toEqual(model.NOTHING);
  expect(model.painted(chosen, stroke, "")).toMatchObject({ paint: { base: "second", strokes: [stroke] } });
  expect(model.boxed(chosen, [0, 0, 5, 5])).not.toHaveProperty("choice");
  expect(model.chosen(chosen, null)).toEqual(model.clicked(model.NOTHING, on(10, 10), 3));
});

it("objects have names and colours of their own", () => {
  const two = model.withObject(draft, "l");
  expect(two.objects.map(({ name }) => name)).toEqual(["object1", "object2"]);
  expect(new Set(two.objects.map(({ color }) => color)).size).toBe(2);
  const same = model.changing(two, "l", (object) => ({ ...object, name: "OBJECT1" }));
  expect(model.wrongWith(same)).toContain("Two objects are called object1");
  expect(model.wrongWith(model.changing(two, "l", (object) => ({ ...object, name: "a/b" })))).toContain("cannot be");
  expect(model.wrongWith(two)).toBeNull();
  const named = (name: string) => model.wrongWith(model.changing(two, "l", (object) => ({ ...object, name })));
  expect(named("")).toContain("Give it a name");
  expect(named("con.left")).toContain("Windows");
  expect(named("ö".repeat(100))).toBeNull();
  expect(named("場".repeat(100))).toContain("too long");
});

it("only clicks on the object, boxes and paint show where it is", () => {
  expect(model.shows({ ...model.NOTHING, points: [{ x: 1, y: 1, positive: false }] })).toBe(false);
  expect(model.shows({ ...model.NOTHING, points: [on(1, 1)] })).toBe(true);
  expect(model.shows({ ...model.NOTHING, box: [0, 0, 1, 1] })).toBe(true);
});

it("outlines are reset for one object and frame", () => {
  let moved = model.outlineMoved(draft, model.outlineId("hero", "s/1"), 7, []);
  moved = model.outlineMoved(moved, model.outlineId("hero", "s/1"), 8, []);
  moved = model.outlineMoved(moved, model.outlineId("dog", "t"), 7, []);
  expect(model.movedFrames(moved, "dog")).toEqual([7]);
  const reset = model.outlinesReset(moved, 7, "dog");
  expect(model.movedFrames(reset, "dog")).toEqual([]);
  expect(Object.keys(reset.moved)).toEqual(["hero/s/1"]);
});
