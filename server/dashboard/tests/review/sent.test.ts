import { expect, it } from "vitest";
import type { Version } from "../../src/api/shots";
import { sentOf, sentWords } from "../../src/review/sent";

const version = (number: number, state = "succeeded") => ({ id: `v${number}`, version: number, state }) as Version;
const VERSIONS = [version(3, "running"), version(2), version(1)];
const sent = { job_id: "v1", version: 1, by: "Ann", at: "2026-11-30T10:00:00Z" };

it("what was sent is looked at, not what has come since", () => {
  const waits = sentOf({ review: "pending_review", sent }, VERSIONS);
  expect(waits?.id).toBe("v1");
  expect(sentWords(waits, VERSIONS)).toBe("Sent: v1, newer: v3");
  expect(sentWords(waits, [version(1)])).toBe("Sent: v1");
});

it("only while it waits, and only where it is known", () => {
  expect(sentOf({ review: "in_progress", sent }, VERSIONS)).toBeNull();
  expect(sentOf({ review: "pending_review", sent: { ...sent, job_id: "gone" } }, VERSIONS)).toBeNull();
  expect(sentOf(undefined, VERSIONS)).toBeNull();
  expect(sentWords(null, VERSIONS)).toBeNull();
});
