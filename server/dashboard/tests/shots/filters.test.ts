import { describe, expect, it } from "vitest";
import type { Shot } from "../../src/api/shots";
import { found, grouped, readFilters, writeFilters } from "../../src/shots/filters";
import { toggled } from "../../src/shots/picking";

const shot = (name: string, facts: Partial<Shot> = {}): Shot =>
  ({ id: name, name, project_id: "p", state: "ready", review: "waiting", ...facts }) as Shot;

describe("the board's address", () => {
  it.each(["", "project=p&search=ht&mine=1&archived=1&group=project", "group=state"])("%s is read and written", (text) => {
    expect(writeFilters(readFilters(new URLSearchParams(text))).toString()).toBe(text);
  });

  it("leaves out what it does not know", () => {
    expect(readFilters(new URLSearchParams("group=colour")).group).toBe("review");
  });
});

describe("the board", () => {
  it("has a column for each review state, also the empty ones", () => {
    const groups = grouped([shot("a"), shot("b", { review: "retake" })], "review", new Map());
    expect(groups.map(({ key, shots }) => [key, shots.length])).toEqual([
      ["waiting", 1],
      ["in_progress", 0],
      ["pending_review", 0],
      ["retake", 1],
      ["approved", 0],
      ["final", 0],
    ]);
  });

  it("groups by project under its name", () => {
    const names = new Map([["p", "Zoo"], ["q", "Ark"]]);
    const groups = grouped([shot("a"), shot("b", { project_id: "q" })], "project", names);
    expect(groups.map(({ title }) => title)).toEqual(["Ark", "Zoo"]);
  });

  it("finds names whatever their case", () => {
    expect(found([shot("HT_0010"), shot("sh")], " ht").map(({ id }) => id)).toEqual(["HT_0010"]);
  });
});

describe("picking", () => {
  const order = ["a", "b", "c", "d"];
  it("takes one in and out", () => {
    expect([...toggled(new Set(), order, "b", "")]).toEqual(["b"]);
    expect([...toggled(new Set(["b"]), order, "b", "")]).toEqual([]);
  });

  it("takes all from the last one, upwards as well", () => {
    expect([...toggled(new Set(["d"]), order, "b", "d")].sort()).toEqual(["b", "c", "d"]);
    expect([...toggled(new Set(["b", "c"]), order, "c", "b")]).toEqual([]);
  });
});
