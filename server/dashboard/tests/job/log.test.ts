import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { hits, linesOf, pieces } from "../../src/job/log";

beforeEach(() => void vi.stubEnv("TZ", "UTC"));
afterEach(() => vi.unstubAllEnvs());

it("a worker's documents are lines for people", () => {
  const told = { time: "2026-11-30T05:53:23.017+00:00", event: "started", job_id: "1", engine: "flow", n: 3 };
  expect(linesOf(`=== track ===\n${JSON.stringify(told)}\n{broken\n`)).toEqual([
    "=== track ===",
    "05:53:23.017  started  engine=flow  n=3",
    "{broken",
  ]);
});

it("times are those where the reader is", () => {
  vi.stubEnv("TZ", "Asia/Kolkata");
  const told = (time: string) => JSON.stringify({ time, event: "started" });
  expect(linesOf(`${told("2026-11-30T20:53:23.017+00:00")}\n${told("soon")}`)).toEqual([
    "02:23:23.017  started",
    "soon  started",
  ]);
});

it("a traceback is many lines", () => {
  const told = { time: "2026-11-30T05:53:23.017+00:00", level: "error", event: "failed", exception: "a\n  b" };
  expect(linesOf(JSON.stringify(told))).toEqual(["05:53:23.017  error  failed  exception=a", "  b"]);
});

it("what is looked for is found in every line, whatever the case", () => {
  const found = hits(["Frame 1, frame 2", "none", "FRAME"], "frame");
  expect(found.map(({ line, from }) => [line, from])).toEqual([[0, 0], [0, 9], [2, 0]]);
  expect(hits(["a"], "")).toEqual([]);
});

it("a line is cut at its hits and loses nothing", () => {
  const text = "Frame 1, frame 2";
  const cut = pieces(text, hits([text], "frame"));
  expect(cut.map((piece) => piece.text)).toEqual(["Frame", " 1, ", "frame", " 2"]);
  expect(cut.map((piece) => piece.hit !== null)).toEqual([true, false, true, false]);
  expect(pieces("", [])).toEqual([{ text: "", hit: null }]);
});
