import { describe, expect, it } from "vitest";
import { hindrance, retakeWords } from "../../src/review/decisions";

describe("decisions", () => {
  const pending = { review: "pending_review", may: ["review", "edit_shot"] };

  it("are hidden from who may not take them", () => {
    expect(hindrance({ ...pending, may: ["add_note"] }, "approved")).toBe("hidden");
    expect(hindrance({ ...pending, may: null }, "retake")).toBe("hidden");
    expect(hindrance({ review: "in_progress", may: ["edit_shot"] }, "pending_review")).toBeNull();
  });

  it("say why the shot is not where they begin", () => {
    expect(hindrance(pending, "approved")).toBeNull();
    expect(hindrance(pending, "final")).toContain("pending review");
    expect(hindrance({ ...pending, review: "waiting" }, "retake")).toContain("waiting");
  });
});

describe("a retake's words", () => {
  it("begin with the reasons in the list's order, as statistics count them", () => {
    expect(retakeWords(["edge", "chatter"], " the ear ")).toBe("chatter, edge: the ear");
    expect(retakeWords(["holes"], "  ")).toBe("holes");
  });
});
