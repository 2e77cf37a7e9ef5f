import { expect, it } from "vitest";
import { csvAddress, queryOf } from "../../src/statistics/useStatistics";

const NOON = Date.parse("2026-11-30T12:34:56Z");

it("asks for whole days, today among them", () => {
  expect(queryOf({ days: 7, by: "day", project: "" }, NOON)).toEqual({
    since: "2026-11-24T00:00:00.000Z",
    until: "2026-12-01T00:00:00.000Z",
    by: "day",
  });
  expect(queryOf({ days: 1, by: "user", project: "p1" }, NOON)).toMatchObject({ by: "user", project_id: "p1" });
});

it("a table's download names the table", () => {
  const address = csvAddress({ days: 7, by: "project", project: "" }, "retakes");
  expect(address).toMatch(/^\/api\/v1\/statistics\?since=.*&by=project&format=csv&table=retakes$/);
});
