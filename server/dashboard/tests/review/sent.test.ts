import { expect, it } from "vitest";
import type { Version } from "../../src/api/shots";
import { judgedOf, judgedWords } from "../../src/review/sent";

const version = (number: number, state = "succeeded") => ({ id: `v${number}`, version: number, state }) as Version;
const VERSIONS = [version(4, "running"), version(3, "failed"), version(2), version(1)];
const sent = { job_id: "v1", version: 1, by: "Ann", at: "2026-11-30T10:00:00Z" };

const pending = { review: "pending_review", sent } as const;

it("what was sent is looked at, not what has come since", () => {
  const waits = judgedOf(pending, [], VERSIONS);
  expect(waits?.id).toBe("v1");
  expect(judgedWords(pending, waits, VERSIONS)).toBe("Sent: v1, newer: v2");
  expect(judgedWords(pending, waits, [version(2, "failed"), version(1)])).toBe("Sent: v1");
  expect(judgedWords(pending, waits, [version(1)])).toBe("Sent: v1");
});

it("what was approved is looked at after, and is what is made final", () => {
  const approved = { review: "approved", sent } as const;
  const moves = [{ after: "approved", job_id: "v2" }, { after: "pending_review", job_id: "v1" }] as const;
  expect(judgedOf(approved, moves, VERSIONS)?.id).toBe("v2");
  expect(judgedWords(approved, version(2), VERSIONS)).toBe("Approved: v2");
  expect(judgedOf(approved, [{ after: "approved", job_id: null }], VERSIONS)?.id).toBe("v1");
  expect(judgedOf({ review: "final", sent }, [{ after: "final", job_id: "v2" }], VERSIONS)?.id).toBe("v2");
});

it("only while it is judged, and only where it is known", () => {
  expect(judgedOf({ review: "in_progress", sent }, [], VERSIONS)).toBeNull();
  expect(judgedOf({ review: "pending_review", sent: { ...sent, job_id: "gone" } }, [], VERSIONS)).toBeNull();
  expect(judgedOf(undefined, [], VERSIONS)).toBeNull();
  expect(judgedWords(pending, null, VERSIONS)).toBeNull();
});
