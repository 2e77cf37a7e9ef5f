import { expect, it } from "vitest";
import { askedOf, countsPart, queryOf, wrongWith } from "../../src/statistics/asked";
import { csvAddress } from "../../src/statistics/useStatistics";

const NOON = Date.parse("2026-11-30T12:34:56Z");
const asked = (address: string) => askedOf(new URLSearchParams(address), NOON);

it("asks for whole days, today among them", () => {
  expect(queryOf(asked("days=7"))).toEqual({
    since: "2026-11-24T00:00:00.000Z",
    until: "2026-12-01T00:00:00.000Z",
    by: "day",
  });
  expect(queryOf(asked("by=user&project=p1"))).toMatchObject({
    since: "2026-11-01T00:00:00.000Z",
    by: "user",
    project_id: "p1",
  });
});

it("asks for days of one's own, the last among them", () => {
  expect(asked("since=2026-02-27&until=2026-03-01")).toMatchObject({ span: 0, since: "2026-02-27", until: "2026-03-01" });
  expect(queryOf(asked("since=2026-02-27&until=2026-03-01"))).toMatchObject({
    since: "2026-02-27T00:00:00.000Z",
    until: "2026-03-02T00:00:00.000Z",
  });
});

it.each(["days=8", "since=2026-11-01", "since=2026-02-31&until=2026-03-01", "since=yesterday&until=today", "since=2024-01-01&until=2026-11-30"])(
  "%s says no days: it is the usual month",
  (address) => expect(asked(address)).toMatchObject({ span: 30, since: "2026-11-01", until: "2026-11-30" }),
);

it.each([
  ["2026-11-30", "2026-11-30", ""],
  ["2025-10-27", "2026-11-30", ""],
  ["2025-10-26", "2026-11-30", "At most 400 days are counted at once; these are 401."],
  ["0202-11-30", "2026-11-30", /^At most 400 days/],
  ["2026-11-30", "2026-11-29", "The first day is after the last one."],
  ["", "2026-11-29", "Name both days."],
])("from %s to %s: %s", (since, until, told) => expect(wrongWith(since, until)).toMatch(told === "" ? /^$/ : told));

it("a table's download names the table", () => {
  const address = csvAddress(asked("days=7&by=project"), "retakes");
  expect(address).toMatch(/^\/api\/v1\/statistics\?since=.*&by=project&format=csv&table=retakes$/);
});

it("says that others' work is left out where it is", () => {
  const projects = [{ id: "p1", may: ["manage_project"] }, { id: "p2", may: ["view"] }];
  expect(countsPart("admin", projects, "")).toBe(false);
  expect(countsPart("artist", projects, "")).toBe(true);
  expect(countsPart("artist", projects, "p1")).toBe(false);
  expect(countsPart("artist", projects, "p2")).toBe(true);
  expect(countsPart("artist", [], "")).toBe(true);
});
