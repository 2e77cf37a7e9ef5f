import { expect, it } from "vitest";
import type { Job } from "../../src/api/jobs";
import { facts, happenings } from "../../src/job/history";
import { promptedOf, told } from "../../src/job/prompts";
import type { AuditEntry, Publication } from "../../src/job/useJob";

it("a prompt is told in words", () => {
  const point = { x: 1, y: 1, positive: true };
  expect(told({ frame: 1, points: [point, point], box: [0, 0, 1, 1] })).toBe("2 clicks, a box");
  expect(told({ frame: 1, absent: true })).toBe("not there");
  expect(promptedOf({ objects: [{ name: "hero" }, 3] })).toEqual([{ name: "hero" }]);
  expect(promptedOf({})).toEqual([]);
});

it("what happened is told newest first, each thing once", () => {
  const job = {
    id: "1",
    created_at: "2026-11-30T12:00:00Z",
    created_by: "Ann",
    started_at: "2026-11-30T12:01:00Z",
    finished_at: "2026-11-30T12:05:00Z",
    state: "succeeded",
    tasks: [
      {
        kind: "track",
        attempts: [
          { number: 1, worker_id: "node1:0", error: { message: "No memory." }, finished_at: "2026-11-30T12:02:00Z" },
        ],
      },
    ],
  } as unknown as Job;
  const audit = [
    { at: "2026-11-30T12:00:00Z", action: "job.created", actor: { kind: "user", name: "Ann" } },
    {
      at: "2026-11-30T12:00:30Z",
      action: "job.prioritized",
      actor: { kind: "user", name: "Sue" },
      before: { priority: "normal" },
      after: { priority: "high" },
    },
  ] as unknown as AuditEntry[];
  expect(happenings(job, [], [], audit).map(({ what, who, more }) => [what, who, more])).toEqual([
    ["Ended: done", "", ""],
    ["track, attempt 1 failed", "node1:0", "No memory."],
    ["Started", "", ""],
    ["Priority changed", "Sue", "normal to high"],
    ["Submitted", "Ann", ""],
  ]);
});

it("files that were published together are told once", () => {
  const job = { id: "1", created_at: "2026-11-30T12:00:00Z", created_by: "Ann", tasks: [] } as unknown as Job;
  const file = (time: string, path: string) => ({ created_at: `2026-11-30T${time}Z`, path }) as Publication;
  const files = [file("12:10:00.1", "/m.1001.exr"), file("12:10:00.3", "/m.1002.exr"), file("15:00:00", "/m.json")];
  expect(happenings(job, [], files, []).map(({ what, more }) => [what, more])).toEqual([
    ["Published", "/m.json"],
    ["Published", "2 files, /m.1002.exr among them"],
    ["Submitted", ""],
  ]);
});

it("provenance is told line by line", () => {
  expect(facts({ engine: "flow", versions: { numpy: "2" }, seed: 3, none: null })).toEqual([
    ["engine", "flow"],
    ["versions.numpy", "2"],
    ["seed", "3"],
  ]);
});
