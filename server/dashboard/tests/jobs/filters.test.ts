import { expect, it } from "vitest";
import { asking, filtersOf, narrows, turned } from "../../src/jobs/filters";

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
