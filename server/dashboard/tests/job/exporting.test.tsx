import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import type { Job } from "../../src/api/jobs";
import { Problem } from "../../src/api/problem";
import type { Shot } from "../../src/api/shots";
import { Actions } from "../../src/job/Actions";
import { bodyOf, NOTHING, wrongOf } from "../../src/job/exporting";
import { dialogs } from "../review/answering";

beforeEach(dialogs);
afterEach(cleanup);

const EDITOR = ["edit_shot", "cancel"];

function shown({ stages = ["track", "vectorize"], may = EDITOR, ...change }: Partial<Job> & { stages?: string[]; may?: string[] }) {
  const tasks = stages.map((kind) => ({ kind, state: "succeeded" }));
  const job = { id: "j1", shot_id: "s1", kind: "roto", state: "succeeded", version: 3, tasks, ...change } as unknown as Job;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter>
        <Actions job={job} shot={{ id: "s1", may } as Shot} project={undefined} />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

it("what is asked for is that version's, and something is", () => {
  expect(wrongOf(NOTHING).nothing).toBeTruthy();
  expect(wrongOf({ ...NOTHING, formats: ["nuke"] })).toEqual({});
  expect(Object.keys(wrongOf({ ...NOTHING, outputs: ["mattes"], template: "a/{frame}" }))).toEqual(["template"]);
  expect(bodyOf({ ...NOTHING, videos: ["cutout"] }, 3)).toEqual({
    version: 3, outputs: [], formats: [], videos: [{ kind: "cutout" }], mattes: "exr", quality: null, publish: false,
  });
  expect(bodyOf({ ...NOTHING, outputs: ["mattes"], template: "{frame}.{ext}" }, 3).template).toBe("{frame}.{ext}");
});

it("an export whose answer was lost is asked for by the same key, and another by another", async () => {
  const posted: [string, unknown][] = [];
  vi.spyOn(api, "POST").mockImplementation((async (_: string, init: { params: { header: object }; body: unknown }) => {
    posted.push([JSON.stringify(init.params.header), init.body]);
    throw new Error("The server cannot be reached.");
  }) as never);
  shown({});
  fireEvent.click(screen.getByText("Export…"));
  const send = screen.getByRole<HTMLButtonElement>("button", { name: "Export" });
  expect(send.disabled).toBe(true);
  fireEvent.click(screen.getByLabelText("Cut-out with alpha, ProRes 4444"));
  for (const times of [1, 2, 3]) {
    if (times === 3) fireEvent.click(screen.getByLabelText("Nuke"));
    await waitFor(() => expect(send.getAttribute("aria-disabled")).toBe("false"));
    fireEvent.click(send);
    await waitFor(() => expect(posted.length).toBe(times));
  }
  const [first, second, third] = posted;
  expect(first?.[1]).toMatchObject({ version: 3, videos: [{ kind: "cutout" }], formats: [] });
  expect(second).toEqual(first);
  expect(third?.[0]).not.toBe(first?.[0]);
});

it("formats of shapes are offered where there are shapes", () => {
  shown({ stages: ["track", "export"] });
  fireEvent.click(screen.getByText("Export…"));
  expect(screen.queryByLabelText("Nuke")).toBeNull();
  expect(screen.getByLabelText("Mattes")).toBeTruthy();
});

it.each([
  [{}, true, true],
  [{ state: "failed" as const }, false, true],
  [{ kind: "export" as const }, false, true],
  [{ kind: "publish" as const }, false, false],
  [{ may: ["view_shot"] }, false, false],
])("of %o is offered what can be done", (change, exports, deletes) => {
  shown(change);
  expect([screen.queryByText("Export…") !== null, screen.queryByText("Delete…") !== null]).toEqual([exports, deletes]);
});

it("a version that cannot be deleted stays, and says why", async () => {
  vi.spyOn(api, "DELETE").mockRejectedValue(new Problem(409, { message: "It is the final one." }));
  shown({});
  fireEvent.click(screen.getByText("Delete…"));
  fireEvent.click(screen.getByText("Put into the trash"));
  expect(await screen.findByText("It is the final one.")).toBeTruthy();
  expect(screen.getByText("Delete v3?")).toBeTruthy();
});
