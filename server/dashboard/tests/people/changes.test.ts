import { expect, it } from "vitest";
import { changes } from "../../src/people/changes";

it("says what was and what is", () => {
  expect(changes({ role: "artist", gone: 1 }, { role: "admin", name: "", on: [1] })).toEqual([
    "gone: 1 → gone",
    "name: “”",
    "on: [1]",
    "role: artist → admin",
  ]);
  expect(changes(null, null)).toEqual([]);
});
