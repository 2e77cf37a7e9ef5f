import { describe, expect, it } from "vitest";
import { hindrance, retakeWords } from "../../src/review/decisions";

describe("decisions", () => {
  const done = { version: 1, state: "succeeded" };
  const pending = { review: "pending_review", may: ["review", "edit_shot"] };

  it("are hidden from who may not take them", () => {
    expect(hindrance({ ...pending, may: ["add_note"] }, done, "approved")).toBe("hidden");
    expect(hindrance({ ...pending, may: null }, done, "retake")).toBe("hidden");
    expect(hindrance({ review: "in_progress", may: ["edit_shot"] }, done, "pending_review")).toBeNull();
  });

  it("say why the shot is not where they begin", () => {
    expect(hindrance(pending, done, "approved")).toBeNull();
    expect(hindrance(pending, done, "final")).toContain("pending review");
    expect(hindrance({ ...pending, review: "waiting" }, done, "retake")).toContain("waiting");
  });

  it("send back also what has no version that is done, which else nobody could take out of the review", () => {
    expect(hindrance(pending, null, "retake")).toBeNull();
    expect(hindrance(pending, { version: 1, state: "failed" }, "retake")).toBeNull();
  });

  it("need a version with something in it", () => {
    expect(hindrance(pending, { version: 1, state: "failed" }, "approved")).toBe("v1 failed: nothing to approve.");
    expect(hindrance(pending, { version: 2, state: "running" }, "approved")).toBe("v2 is not done yet: nothing to approve.");
    expect(hindrance(pending, null, "approved")).toBe("The shot has no version: nothing to approve.");
    const waits = { review: "in_progress", may: ["edit_shot"] };
    expect(hindrance(waits, { version: 3, state: "cancelled" }, "pending_review")).toContain("v3 was cancelled");
  });
});

describe("a retake's words", () => {
  it("begin with the reasons in the list's order, as statistics count them", () => {
    expect(retakeWords(["edge", "chatter"], " the ear ")).toBe("chatter, edge: the ear");
    expect(retakeWords(["holes"], "  ")).toBe("holes");
  });
});
