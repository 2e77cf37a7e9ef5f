import { expect, it } from "vitest";
import { asked, following, reviewOf } from "../../src/review/playlist";

it("asks for what waits, of one project, of today by the watch of who looks", () => {
  expect(asked(new URLSearchParams())).toEqual({ review: "pending_review", limit: 1000 });
  const now = new Date(2026, 10, 30, 15, 4);
  expect(asked(new URLSearchParams("list=dailies&project=p1&mine=1"), now)).toEqual({
    review: "pending_review",
    limit: 1000,
    project_id: "p1",
    mine: true,
    reviewed_since: new Date(2026, 10, 30).toISOString(),
  });
});

it("takes the list along from shot to shot, and nothing of the shot before", () => {
  const here = new URLSearchParams("list=dailies&project=p1&job=j&frame=1004&compare=k");
  expect(reviewOf("s2", here)).toBe("/shots/s2/review?list=dailies&project=p1");
  expect(reviewOf("s2", new URLSearchParams())).toBe("/shots/s2/review?list=pending");
});

it("goes on round the list, also from a shot that has left it", () => {
  expect(following(["a", "b", "c"], "b")).toBe("c");
  expect(following(["a", "b", "c"], "c")).toBe("a");
  expect(following(["a"], "a")).toBeNull();
  expect(following(["b", "c"], "a")).toBe("b");
  expect(following([], "a")).toBeNull();
});
