import { expect, it } from "vitest";
import { nameOf, wordsOf } from "../../src/api/views";

const views = { Failures: "state=failed&owner=me", All: "" };

it("what is shown is a saved view, in whatever order its words are", () => {
  expect(nameOf(views, new URLSearchParams("owner=me&state=failed"))).toBe("Failures");
  expect(nameOf(views, new URLSearchParams())).toBe("All");
  expect(nameOf(views, new URLSearchParams("owner=me"))).toBeUndefined();
});

it("words keep all values of a name", () => {
  expect(wordsOf(new URLSearchParams("state=b&owner=me&state=a"))).toBe("owner=me&state=b&state=a");
});
