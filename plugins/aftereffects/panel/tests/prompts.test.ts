import { describe, expect, it } from "vitest";

import { did, fresh, redone, undone } from "../src/model/history";
import { fromJson, toJson } from "../src/model/keep";
import * as prompts from "../src/model/prompts";
import { framesFromText, objectPrompts } from "../src/model/request";

const one = prompts.addObject(prompts.NOTHING, "hero", "a");

function said(state: prompts.Prompted, frame: number): prompts.FramePrompt {
  return prompts.promptOn(state.objects[0]!, frame);
}

describe("what is said", () => {
  it("keeps clicks and boxes by frame, frames in order", () => {
    let state = prompts.addClick(one, "a", 1010, { x: 4, y: 5, positive: true });
    state = prompts.setBox(state, "a", 1001, [30, 40, 10, 20]);
    expect(state.objects[0]!.prompts.map((each) => each.frame)).toEqual([1001, 1010]);
    expect(said(state, 1001).box).toEqual([10, 20, 30, 40]);
    expect(prompts.summary(said(state, 1010))).toBe("1+");
    expect(one.objects[0]!.prompts).toEqual([]);
  });

  it("is absent or shown, never both", () => {
    let state = prompts.addClick(one, "a", 1, { x: 1, y: 1, positive: true });
    state = prompts.setAbsent(state, "a", 1, true);
    expect(said(state, 1)).toEqual({ frame: 1, points: [], box: null, absent: true });
    state = prompts.addClick(state, "a", 1, { x: 2, y: 2, positive: false });
    expect(said(state, 1).absent).toBe(false);
  });

  it("forgets a frame on which nothing is left", () => {
    let state = prompts.addClick(one, "a", 1, { x: 1, y: 1, positive: true });
    state = prompts.removeClick(state, "a", 1, 0);
    expect(state.objects[0]!.prompts).toEqual([]);
  });

  it("refuses names the farm cannot make files of", () => {
    for (const name of ["", "  ", "a/b", "con", ".hidden", "end.", "x".repeat(101)]) {
      expect(() => prompts.addObject(one, name, "b"), name).toThrow(/name/);
    }
    expect(() => prompts.addObject(one, "HERO", "b")).toThrow(/already/);
    expect(prompts.addObject(one, "Frau Müller-2", "b").objects[1]!.name).toBe("Frau Müller-2");
  });

  it("chooses a neighbour when the chosen object goes", () => {
    const two = prompts.addObject(one, "sword", "b");
    expect(prompts.removeObject(two, "b").chosen).toBe("a");
    expect(prompts.removeObject(one, "a")).toEqual(prompts.NOTHING);
  });
});

describe("undo", () => {
  it("goes back and forth, and forgets what was undone when something new is said", () => {
    const history = did(did(fresh(1), 2), 3);
    expect(undone(history).present).toBe(2);
    expect(redone(undone(undone(history))).present).toBe(2);
    expect(did(undone(history), 9).future).toEqual([]);
    expect(undone(fresh(1)).present).toBe(1);
  });
});

describe("what lies with the layer", () => {
  it("comes back as it was", () => {
    let state = prompts.addClick(one, "a", 7, { x: 1.25, y: 2, positive: false });
    state = prompts.setBox(state, "a", 9, [1, 2, 3, 4]);
    state = prompts.setAbsent(state, "a", 11, true);
    state = prompts.setRange(state, "a", [5, 20]);
    expect(fromJson(JSON.parse(JSON.stringify(toJson(state))))).toEqual(state);
  });

  it("is nothing when it is not ours", () => {
    for (const value of [null, 3, [], {}, { form: 2, objects: [] }, { form: 1, objects: [{}] }]) {
      expect(fromJson(value as never)).toBeNull();
    }
  });
});

describe("what is sent", () => {
  const clicked = prompts.addClick(one, "a", 7, { x: 1, y: 2, positive: true });

  it("joins the panel's prompts with those of the layer, by name", () => {
    const sent = objectPrompts(clicked, [
      {
        name: "Hero",
        prompts: [
          { frame: 7, box: [0, 0, 9, 9] },
          { frame: 3, box: [0, 0, 5, 5] },
        ],
      },
      { name: "tree", prompts: [{ frame: 4, points: [{ x: 1, y: 1, positive: true }] }] },
    ]);
    expect(sent.map((each) => each.name)).toEqual(["hero", "tree"]);
    expect(sent[0]!.prompts).toEqual([
      { frame: 3, box: [0, 0, 5, 5] },
      { frame: 7, points: [{ x: 1, y: 2, positive: true }], box: [0, 0, 9, 9] },
    ]);
  });

  it("leaves out what is switched off, with the layer's prompts of it", () => {
    const off = prompts.setEnabled(clicked, "a", false);
    expect(objectPrompts(off, [{ name: "hero", prompts: [{ frame: 1 }] }])).toEqual([]);
  });

  it("tells of a contradiction", () => {
    const absent = prompts.setAbsent(one, "a", 7, true);
    const native = [{ name: "hero", prompts: [{ frame: 7, box: [0, 0, 1, 1] as never }] }];
    expect(() => objectPrompts(absent, native)).toThrow(/absent on frame 7/);
  });

  it("reads ranges", () => {
    expect(framesFromText(" 1001 - 1096 ")).toEqual([1001, 1096]);
    expect(framesFromText("-5")).toEqual([-5, -5]);
    expect(framesFromText("")).toBeNull();
    for (const text of ["x", "9-1", "1-2-3", "1.5"]) {
      expect(() => framesFromText(text)).toThrow(/no range/);
    }
  });
});
