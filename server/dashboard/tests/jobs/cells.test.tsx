import { render, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { COLUMNS } from "../../src/jobs/columns";
import type { JobRow } from "../../src/jobs/filters";
import { JobLine } from "../../src/jobs/JobLine";
import { exact } from "../../src/ui/time";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const TOLD: JobRow = {
  id: "j1", kind: "roto", version: 7, shot_id: "s1", shot_name: "sh010", thumbnail_url: "/api/v1/shots/s1/thumbnail",
  project_id: "p1", project_name: "heist", owner_id: "u1", owner_name: "Ann Artist",
  objects: [{ name: "creature", colour: [1, 0.35, 0.1] }, { name: "car", colour: [1, 1, 1] }],
  state: "running", message: "on cuda:0", error_code: null, review: "in_progress", queue: "gpu", priority: "high",
  fraction: 0.314, stages: [{ kind: "track", state: "running", done: 3, total: 10 }],
  created_at: "2026-03-01T11:57:00Z", started_at: "2026-03-01T11:58:00Z", updated_at: "2026-03-01T11:59:00Z",
  finished_at: null, eta_seconds: 130, frames_per_second: 6.25, worst_confidence: 0.414, may: [],
};

const nothing = () => undefined;

/** The cells of a row, by the heads of their columns. */
function cells(more: Partial<JobRow> = {}) {
  const rest = { address: "/jobs/j1", gone: false, index: 0, top: 0, now: NOW, at: false, selected: false };
  const drawn = render(
    <JobLine row={{ ...TOLD, ...more }} {...rest} onPick={nothing} onOpen={nothing} onOwner={nothing} />,
  );
  const [select, ...others] = within(drawn.container).getAllByRole("gridcell");
  expect(within(select!).getByRole("checkbox", { name: "Select sh010" })).toBeTruthy();
  expect(others.length).toBe(COLUMNS.length);
  return Object.fromEntries(COLUMNS.map(({ label }, place) => [label, others[place]!]));
}

function texts(more: Partial<JobRow> = {}) {
  const entries = Object.entries(cells(more)).map(([label, cell]) => [label, cell.textContent]);
  return Object.fromEntries(entries) as Record<string, string>;
}

it("every cell says what the server told of a job that runs", () => {
  expect(texts()).toEqual({
    Shot: "sh010v7", Project: "heist", Objects: "creaturecar", Owner: "Ann Artist", State: "▶Running",
    Progress: "31%", Queue: "gpu", Priority: "▲ High", Age: "3m ago", ETA: "2 min", "Fr/s": "6.3", Worst: "41 %",
  });
});

it("its picture, its page, its message and its exact time are told too", () => {
  const told = cells();
  expect(told.Shot!.querySelector("img")!.getAttribute("src")).toBe("/api/v1/shots/s1/thumbnail");
  expect(within(told.Shot!).getByRole("link").getAttribute("href")).toBe("/jobs/j1");
  expect(within(told.State!).getByTitle("on cuda:0")).toBeTruthy();
  expect(told.Age!.title).toBe(exact(TOLD.created_at));
  expect(told.Objects!.title).toBe("creature, car");
});

it("of one that has ended it says neither a queue nor a speed nor when it will be done", () => {
  const ended = texts({ state: "succeeded", fraction: 1 });
  expect(ended).toMatchObject({ State: "✓Done", Progress: "100%", Queue: "", ETA: "", "Fr/s": "", Worst: "41 %" });
});

it("of one that failed it says why, and nothing of what is not known", () => {
  const failed = texts({ kind: "export", state: "failed", error_code: "bad_plate", worst_confidence: null });
  expect(failed).toMatchObject({ Shot: "sh010Export", State: "✕Failed", Progress: "bad plate", Worst: "" });
});
