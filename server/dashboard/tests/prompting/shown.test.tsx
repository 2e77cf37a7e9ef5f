import { renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import * as model from "../../src/prompting/model";
import { usePaints, usePreview } from "../../src/prompting/usePreview";
import { useShown } from "../../src/prompting/useShown";

vi.mock("../../src/prompting/usePreview");

const what = { shot: "s1", view: "main", frame: 1001, engine: "", model: "", width: 200, height: 100 };
const stroke: model.Stroke = { erase: false, radius: 9, points: [[1, 1]] };

/** The strokes that are drawn by themselves, with what an object was told and whether the farm has answered. */
function strokes(change: (said: model.Said) => model.Said, isBehind: boolean, error: Error | null = null) {
  const preview = { masks: new Map(), error, isBehind, waits: "", again: () => undefined };
  vi.mocked(usePreview).mockReturnValue(preview);
  vi.mocked(usePaints).mockReturnValue({ masks: new Map(), isBehind: false });
  const draft = model.saying(model.withObject({ objects: [], moved: {} }, "hero"), "hero", 1001, change);
  const { result } = renderHook(() => useShown(draft.objects, what, null, []));
  return result.current.unanswered.flatMap((one) => one.strokes);
}

it("paint beside a box is seen as it was drawn until the farm has answered", () => {
  const both = (said: model.Said) => model.painted(model.boxed(said, [1, 1, 9, 9]), stroke, "");
  expect(strokes(both, true)).toEqual([stroke]);
  expect(strokes(both, false, new Error("No worker."))).toEqual([stroke]);
  expect(strokes(both, false)).toEqual([]);
});

it("paint alone is a mask of its own, and asks no farm", () => {
  expect(strokes((said) => model.painted(said, stroke, ""), true)).toEqual([]);
});
