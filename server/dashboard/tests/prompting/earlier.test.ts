import { expect, it } from "vitest";
import { movedBy, movedSince, sentOf, type Taking, takenUp } from "../../src/prompting/earlier";
import * as model from "../../src/prompting/model";

const taking: Taking = { first: 1001, last: 1010, offset: 0, isFixed: false, only: null, newKey: () => "new" };
const hero = {
  name: "hero",
  label: "lead",
  color: [1, 0, 0],
  frame_range: [1001, 1005] as [number, number],
  prompts: [
    { frame: 1001, points: [{ x: 3, y: 4, positive: true }] },
    { frame: 1004, mask: { png: "cG5n" } },
    { frame: 1005, outline: [{ kind: "bezier" as const, points: [[0, 0], [9, 0], [9, 9]] }] },
    { frame: 1006, absent: true },
    { frame: 1099, box: [0, 0, 5, 5] as [number, number, number, number] },
  ],
};
const fresh = model.withObject({ objects: [], moved: {} }, "first");

it("objects and everything said of them come into an empty draft; frames that are not there do not", () => {
  const { draft, taken, left } = takenUp(fresh, sentOf({ objects: [hero] }), taking);
  expect([taken, left]).toEqual([4, 1]);
  const [object, ...others] = draft.objects;
  expect(others).toEqual([]);
  expect(object).toMatchObject({ key: "new", name: "hero", label: "lead", color: "#ff0000", range: [1001, 1005] });
  expect(object?.said[1001]?.points).toEqual([{ x: 3, y: 4, positive: true }]);
  expect(object?.said[1004]?.paint).toEqual({ base: "cG5n", strokes: [] });
  expect(object?.said[1005]?.curves).toHaveLength(1);
  expect(object?.said[1006]).toEqual({ ...model.NOTHING, absent: true });
});

it("what is said on other frames stays, and names find their objects", () => {
  const named = model.changing(fresh, "first", (object) => ({ ...object, name: "hero" }));
  const own = model.saying(named, "first", 1003, (said) => model.boxed(said, [1, 1, 9, 9]));
  const { draft, taken } = takenUp(own, [hero], { ...taking, only: 1001 });
  expect(taken).toBe(1);
  expect(draft.objects.map(({ key, said }) => [key, Object.keys(said)])).toEqual([["first", ["1001", "1003"]]]);
});

it("a correction takes no objects that its version does not have", () => {
  expect(takenUp(fresh, [hero], { ...taking, isFixed: true })).toEqual({ draft: fresh, taken: 0, left: 5 });
});

it("frames are those of the plate that is prompted", () => {
  const { draft } = takenUp(fresh, [hero], { ...taking, offset: 2 });
  expect(model.promptedFrames(draft.objects[0]!)).toEqual([1003, 1006, 1007, 1008]);
  expect(draft.objects[0]?.range).toEqual([1003, 1007]);
  const plate = (version: number, frame_offset: number, width = 100) =>
    ({ view: "main", version, state: "ready", width, height: 50, frame_offset }) as const;
  const plates = [plate(1, 0), plate(2, 5), plate(3, -2), { ...plate(3, 40), view: "left" }];
  expect(movedSince(plates, "main", 1, 3)).toBe(3);
  expect(movedSince(plates, "main", 3, 3)).toBe(0);
  expect(movedSince([plate(1, 0, 200), plate(2, 0)], "main", 1, 2)).toBeNull();
});

it("a draft is moved with the frames of its plate; what is on none of them is left out", () => {
  const { draft } = takenUp(fresh, [hero], taking);
  const shaped = model.outlineMoved(draft, "hero/1", 1002, []);
  const moved = movedBy(shaped, 2, 1003, 1007);
  expect(model.promptedFrames(moved.objects[0]!)).toEqual([1003, 1006, 1007]);
  expect(moved.objects[0]).toMatchObject({ key: "new", range: [1003, 1007] });
  expect(model.movedFrames(moved, "hero")).toEqual([1004]);
  expect(model.movedFrames(movedBy(shaped, 2, 1005, 1010), "hero")).toEqual([]);
});
