import { expect, it } from "vitest";
import { asked, choosing, following, nextWaiting, pickedIn, playlistOf, progressOf, reviewOf } from "../../src/review/playlist";

it("asks for what waits, of one project, of today by the watch of who looks", () => {
  expect(asked(new URLSearchParams())).toEqual({ review: "pending_review", limit: 1000 });
  const now = new Date(2026, 10, 30, 15, 4);
  expect(asked(new URLSearchParams("list=dailies&project=p1&mine=1"), now)).toEqual({
    limit: 1000,
    project_id: "p1",
    mine: true,
    sent_since: new Date(2026, 10, 30).toISOString(),
  });
});

it("takes the list along from shot to shot, and nothing of the shot before", () => {
  const here = new URLSearchParams("list=dailies&project=p1&job=j&frame=1004&compare=k");
  expect(reviewOf("s2", here)).toBe("/shots/s2/review?list=dailies&project=p1");
  expect(reviewOf("s2", new URLSearchParams())).toBe("/shots/s2/review?list=pending");
});

it("is somebody's own: these shots in this order, each once, and nothing that is no id", () => {
  const [a, b] = ["a".repeat(32), "b".repeat(32)];
  const address = playlistOf([b, a]);
  const search = new URLSearchParams(address.split("?")[1]);
  expect(pickedIn(search)).toEqual([b, a]);
  expect(pickedIn(new URLSearchParams(`shots=${a}-../x-${a}`))).toEqual([a]);
  expect(pickedIn(new URLSearchParams(`shots=${Array.from({ length: 150 }, (_, at) => String(at).padStart(32, "0")).join("-")}`))).toHaveLength(100);
  search.set("frame", "1004");
  expect(`/review?${choosing(search)}`).toBe(address);
  expect(reviewOf(a, search)).toBe(`/shots/${a}/review?list=picked&shots=${b}-${a}`);
});

it("goes on round the list, also from a shot that has left it", () => {
  expect(following(["a", "b", "c"], "b")).toBe("c");
  expect(following(["a", "b", "c"], "c")).toBe("a");
  expect(following(["a"], "a")).toBeNull();
  expect(following(["b", "c"], "a")).toBe("b");
  expect(following([], "a")).toBeNull();
});

it("dailies keep what is decided, tell how far one is, and go on with what waits", () => {
  const shots = [
    { id: "a", review: "approved" },
    { id: "b", review: "pending_review" },
    { id: "c", review: "retake" },
    { id: "d", review: "pending_review" },
  ];
  expect(progressOf(shots)).toBe("2 of 4 decided");
  expect(nextWaiting(shots, "b")).toBe("d");
  expect(nextWaiting(shots, "d")).toBe("b");
  expect(nextWaiting(shots, "c")).toBe("d");
  expect(nextWaiting([{ id: "a", review: "pending_review" }], "a")).toBeNull();
});
