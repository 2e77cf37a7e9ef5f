import { expect, it } from "vitest";
import { asking, dayName, filtersOf, narrows, queryOf, turned, within } from "../../src/jobs/filters";

it("an address says what is shown", () => {
  const filters = filtersOf(new URLSearchParams("state=failed&state=queued&owner=me&sort=confidence&search=+hero+"));
  expect(filters).toEqual({
    state: ["queued", "failed"],
    kind: [],
    priority: [],
    owner: "me",
    search: "hero",
    sort: "confidence",
  });
  expect(narrows(filters)).toBe(true);
});

it("what an address should not say is left out", () => {
  const filters = filtersOf(new URLSearchParams("state=broken&sort=colour&search=+&x=1"));
  expect(filters).toEqual({ state: [], kind: [], priority: [], sort: "-created" });
  expect(narrows(filters)).toBe(false);
});

it("one thing is asked for anew, the others stay", () => {
  const params = new URLSearchParams("state=failed&owner=me");
  expect(asking(params, "state", ["queued", "running"]).toString()).toBe("owner=me&state=queued&state=running");
  expect(asking(params, "owner", [""]).toString()).toBe("state=failed");
});

it("a column's head sorts by it, and again the other way round", () => {
  expect(turned("-created", "priority")).toBe("priority");
  expect(turned("priority", "priority")).toBe("-priority");
  expect(turned("-created", "-created")).toBe("created");
  expect(turned("created", "-created")).toBe("-created");
});

const of = (address: string) => filtersOf(new URLSearchParams(address));
const NOON = new Date(2026, 10, 30, 12);
const midnight = (month: number, day: number) => new Date(2026, month - 1, day).toISOString();

it("days back are whole ones and go along with the calendar", () => {
  expect(queryOf(of("submitted=today"), NOON).since).toBe(midnight(11, 30));
  const week = queryOf(of("submitted=7d"), NOON);
  expect(week.since).toBe(midnight(11, 24));
  expect(week).not.toHaveProperty("until");
  expect(week).not.toHaveProperty("submitted");
  expect(narrows(of("submitted=30d"))).toBe(true);
});

it("named days are both included", () => {
  const asked = queryOf(of("since=2026-11-28&until=2026-11-30"), NOON);
  expect([asked.since, asked.until]).toEqual([midnight(11, 28), midnight(12, 1)]);
  expect(queryOf(of("until=2026-11-30"), NOON)).not.toHaveProperty("since");
});

it("what is no day is left out, and days back go before named ones", () => {
  for (const day of ["2026-02-30", "2026-13-01", "yesterday", "2026-1-1", ""]) {
    expect(of(`since=${day}`)).not.toHaveProperty("since");
  }
  expect(of("submitted=ever&since=2026-11-28")).toMatchObject({ since: "2026-11-28" });
  expect(of("submitted=7d&since=2026-11-28")).not.toHaveProperty("since");
});

it("one way of saying when replaces the other", () => {
  const named = within(new URLSearchParams("owner=me&submitted=7d"), { since: dayName(NOON, 6), until: dayName(NOON) });
  expect(named.toString()).toBe("owner=me&since=2026-11-24&until=2026-11-30");
  expect(within(named, { submitted: "today" }).toString()).toBe("owner=me&submitted=today");
  expect(within(named, {}).toString()).toBe("owner=me");
});
