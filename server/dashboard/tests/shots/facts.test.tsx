import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor, within } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Shot } from "../../src/api/shots";
import { ShotFacts } from "../../src/shots/ShotFacts";
import { answering, dialogs } from "../review/answering";

beforeEach(dialogs);
afterEach(cleanup);

const RATE = {
  code: "no_frame_rate",
  level: "warning",
  message: "the files say no frame rate; 24 is assumed",
  detail: { fps: [24, 1] },
};
const JUMP = {
  code: "timecode_jump",
  level: "warning",
  message: "frame 1003 does not follow the timecode of the frame before it",
  detail: { frames: [1003], count: 1 },
};
const INTERLACED = { code: "interlaced", level: "warning", message: "the movie is interlaced", detail: {} };
const ALPHA = { code: "alpha_ignored", level: "info", message: "the plate has an alpha channel", detail: {} };

const CUT = {
  list: "reel 1",
  event: "003",
  reel: "A001C002",
  clip: "sh010.mov",
  source_in: "01:00:00:08",
  source_out: "01:00:01:00",
  record_in: "10:00:00:00",
  record_out: "10:00:00:16",
  transitions: [0, 12],
  speed: 1,
};

function shown(more: Record<string, unknown>, edits = true): void {
  const shot = {
    id: "s1",
    name: "sh010",
    state: "ready",
    plate: { kind: "sequence", path: "/p.%04d.png" },
    fps: [24, 1],
    frame_range: [1001, 1010],
    colorspace: "sRGB",
    handles: [8, 4],
    metadata: {},
    cut: null,
    created_at: "2026-01-01T00:00:00Z",
    ...more,
  } as unknown as Shot;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter>
        <ShotFacts shot={shot} edits={edits} />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

const fact = (label: string) => screen.getByText(label, { selector: "dt" }).parentElement as HTMLElement;

it("an assumed rate says so beside it, and that it is right is said with a click", async () => {
  const sent = answering();
  shown({ metadata: { fps_source: "default", report: [RATE, ALPHA] } });
  const rate = within(fact("Frames a second"));
  rate.getByText("24, assumed");
  rate.getByText(RATE.message);
  fireEvent.click(rate.getByText("24 is right"));
  await waitFor(() => expect(sent).toEqual([["PATCH", "/shots/s1", { fps: [24, 1] }]]));
  fireEvent.click(rate.getByText("Say the rate…"));
  screen.getByText("Settings of sh010");
  const infos = screen.getByText("Also reported: 1").closest("details");
  expect(infos?.open).toBe(false);
  expect(infos?.textContent).toContain(ALPHA.message);
});

it("who may not edit is told who can say it, and where nothing was assumed nothing is said of it", () => {
  shown({ metadata: { fps_source: "default", report: [RATE] } }, false);
  within(fact("Frames a second")).getByText("Who may edit the shot can say it in its settings.");
  expect(screen.queryByRole("button")).toBeNull();
  cleanup();
  shown({ metadata: { fps_source: "file", report: [] } });
  expect(fact("Frames a second").textContent).toBe("Frames a second24");
});

it("timecode, its jumps, and what else to look at first", () => {
  shown({ metadata: { timecode: "01:00:00:00", reel: "A001C002", report: [JUMP, INTERLACED] }, cut: CUT });
  const timecode = within(fact("Timecode"));
  timecode.getByText("01:00:00:00");
  timecode.getByText(JUMP.message);
  expect(timecode.getByText("1003").getAttribute("href")).toBe("/shots/s1/review?frame=1003");
  screen.getByText(INTERLACED.message);
  expect(fact("Reel").textContent).toBe("ReelA001C002");
  expect(screen.queryByText("Reel in the list")).toBeNull();
});

it("a warning is told though the fact it is about is not there", () => {
  shown({ metadata: { report: [JUMP] } });
  screen.getByText(JUMP.message);
  expect(screen.queryByText("Timecode")).toBeNull();
});

it("where it is in the edit", () => {
  shown({ cut: CUT, metadata: { timecode: "01:00:00:00" } });
  const told = (label: string) => fact(label).querySelector("dd")?.textContent;
  expect(["Handles", "Timecode", "Reel", "Clip", "Source TC", "Record TC", "Edit list", "Transitions"].map(told)).toEqual([
    "8 before, 4 after",
    "01:00:00:00 – 01:00:00:09",
    "A001C002",
    "sh010.mov",
    "01:00:00:08 – 01:00:01:00",
    "10:00:00:00 – 10:00:00:16",
    "reel 1, event 003",
    "0 frames before, 12 after",
  ]);
});
