import { expect, it } from "vitest";
import { exportAddress, readFilters, toQuery, withFilter } from "../../src/people/audit";

it("reads the filters that an address holds, and nothing else", () => {
  const address = new URLSearchParams("actor=ann&action=&since=2026-11-30T08:00&page=3");
  expect(readFilters(address)).toEqual({ actor: "ann", since: "2026-11-30T08:00" });
});

it("sets one filter and leaves the others, and takes one out again", () => {
  const address = new URLSearchParams("actor=ann");
  const more = withFilter(address, "action", "job.");
  expect(more.toString()).toBe("actor=ann&action=job.");
  expect(withFilter(more, "actor", "").toString()).toBe("action=job.");
  expect(address.toString()).toBe("actor=ann");
});

it("asks for the reader's hour as a moment, and for no time that is none", () => {
  const asked = toQuery({ actor: "ann", since: "2026-11-30T08:00", until: "soon" });
  expect(asked).toEqual({ actor: "ann", since: new Date(2026, 10, 30, 8).toISOString() });
});

it("exports what is filtered, not only what is shown", () => {
  const address = new URL(exportAddress({ target: "7", until: "2026-11-30T08:00" }, "jsonl"), "http://farm");
  expect(address.pathname).toBe("/api/v1/audit/export");
  expect(Object.fromEntries(address.searchParams)).toEqual({
    format: "jsonl",
    target: "7",
    until: new Date(2026, 10, 30, 8).toISOString(),
  });
});
