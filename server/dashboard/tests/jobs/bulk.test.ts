import { expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { byState } from "../../src/jobs/BulkDialog";
import { can, run } from "../../src/jobs/bulk";

const job = (state: string, kind = "roto", may = ["edit_shot", "cancel"]) =>
  ({ id: "1", state, kind, may }) as Parameters<typeof can>[1];

it("each action is for jobs it makes sense for", () => {
  expect(["queued", "running", "succeeded", "failed"].map((state) => can("cancel", job(state)))).toEqual([
    true, true, false, false,
  ]);
  expect(["failed", "cancelled", "running"].map((state) => can("retry", job(state)))).toEqual([true, true, false]);
  expect(can("priority", job("succeeded"))).toBe(false);
  expect(["roto", "export", "ingest"].map((kind) => can("delete", job("failed", kind)))).toEqual([true, true, false]);
});

it("who may not edit the shot may do nothing", () => {
  expect(can("cancel", job("queued", "roto", ["add_note"]))).toBe(false);
});

it("in the archive what runs is cancelled, and nothing else is done", () => {
  const there = (state: string) => job(state, "roto", ["cancel"]);
  expect(can("cancel", there("running"))).toBe(true);
  expect([can("retry", there("failed")), can("priority", there("queued")), can("delete", there("queued"))]).toEqual([
    false, false, false,
  ]);
});

it("states are counted for the question", () => {
  expect(byState([job("running"), job("queued"), job("running")])).toBe("2 running, 1 queued.");
});

it("more jobs than a request takes go in several", async () => {
  const post = vi.spyOn(api, "POST").mockImplementation((async (_: string, options: { body: { job_ids: string[] } }) => {
    const [first, ...done] = options.body.job_ids;
    return { data: { done, refused: [{ id: first, code: "conflict", message: "", hint: "" }] } };
  }) as never);
  const ids = Array.from({ length: 1201 }, (_, index) => String(index));
  const { done, refused } = await run("priority", ids, "high");
  const sent = post.mock.calls as unknown as [string, { body: { job_ids: string[] } }][];
  expect(sent.map(([, { body }]) => body.job_ids.length)).toEqual([500, 500, 201]);
  expect([done, refused.map(({ id }) => id)]).toEqual([1198, ["0", "500", "1000"]]);
});
