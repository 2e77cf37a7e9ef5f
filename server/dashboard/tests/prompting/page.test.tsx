import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { keys } from "../../src/api/queries";
import type { Drafting } from "../../src/prompting/useDraft";
import { type Kept, keepDraft, keptDraft } from "../../src/prompting/drafts";
import { boxed, saying, withObject } from "../../src/prompting/model";
import PromptPage from "../../src/prompting/PromptPage";

vi.mock("../../src/prompting/drafts");
vi.mock("../../src/prompting/Editor", () => ({
  Editor: ({ drafting }: { drafting: Drafting }) => {
    editing = drafting;
    return <p>The editor</p>;
  },
}));

/** What the editor was given last. */
let editing: Drafting | null = null;
let queries: QueryClient;

beforeEach(() => {
  editing = null;
  queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  vi.mocked(keptDraft).mockResolvedValue(undefined);
  vi.mocked(keepDraft).mockResolvedValue(undefined);
});
afterEach(cleanup);

const plate = (version: number, more = {}) => ({
  id: `p${version}`,
  view: "main",
  version,
  state: "ready",
  current: false,
  width: 200,
  height: 100,
  frame_range: [1001, 1010],
  frame_offset: 0,
  pixel_aspect: 1,
  ...more,
});

/** The page of a shot with those plates, of which the last one is current. */
function opened(...plates: object[]) {
  const shot = { id: "s1", name: "sh010", state: "ready", may: ["edit_shot"], width: 200, height: 100, fps: [24, 1] };
  queries.setQueryData(keys.shot("s1"), { ...shot, frame_range: [1001, 1010] });
  setPlates(...plates);
  queries.setQueryData([...keys.shot("s1"), "versions"], []);
  queries.setQueryData([...keys.shot("s1"), "objects"], []);
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={["/shots/s1/prompt"]}>
        <Routes>
          <Route path="/shots/:shotId/prompt" element={<PromptPage />} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

function setPlates(...plates: object[]) {
  const current = plates.map((one, index) => ({ ...one, current: index === plates.length - 1 }));
  queries.setQueryData([...keys.shot("s1"), "plates"], current);
}

const boxedOn = (frame: number, plateVersion?: number): Kept => ({
  ...saying(withObject({ objects: [], moved: {} }, "hero"), "hero", frame, (said) => boxed(said, [1, 1, 9, 9])),
  ...(plateVersion ? { plateVersion } : {}),
});
const framesSaid = () => Object.keys(editing?.draft.objects[0]?.said ?? {});

it("what was said before is here again, and is kept with the plate it was said of", async () => {
  vi.mocked(keptDraft).mockResolvedValue(boxedOn(1003, 1));
  opened(plate(1));
  await screen.findByText("The editor");
  expect([editing?.found, framesSaid()]).toEqual(["as it was", ["1003"]]);
  act(() => editing?.change((draft) => saying(draft, "hero", 1004, (said) => boxed(said, [1, 1, 9, 9]))));
  await waitFor(() => expect(keepDraft).toHaveBeenCalled());
  expect(vi.mocked(keepDraft).mock.calls.at(-1)?.[1].plateVersion).toBe(1);
});

it("what was said of an earlier plate goes with its frames", async () => {
  vi.mocked(keptDraft).mockResolvedValue(boxedOn(1003, 1));
  opened(plate(1), plate(2, { frame_offset: 4 }));
  await screen.findByText("The editor");
  expect([editing?.found, framesSaid()]).toEqual(["moved", ["1007"]]);
});

it("what was said of a plate of another size is not laid on this one", async () => {
  vi.mocked(keptDraft).mockResolvedValue(boxedOn(1003, 1));
  opened(plate(1, { width: 400 }), plate(2));
  await screen.findByText("The editor");
  expect([editing?.found, framesSaid()]).toEqual(["unfit", []]);
});

it("a new plate that comes while one works moves what is said, too", async () => {
  opened(plate(1));
  await screen.findByText("The editor");
  vi.mocked(keptDraft).mockResolvedValue(boxedOn(1003, 1));
  act(() => setPlates(plate(1), plate(2, { frame_offset: 4 })));
  await waitFor(() => expect(framesSaid()).toEqual(["1007"]));
});

it("a question that fails while one works takes nothing away", async () => {
  opened(plate(1));
  await screen.findByText("The editor");
  vi.spyOn(api, "GET").mockRejectedValue(new Error("Gone."));
  await act(() => queries.invalidateQueries({ queryKey: keys.shot("s1") }));
  expect(queries.getQueryState([...keys.shot("s1"), "versions"])?.status).toBe("error");
  // The page is told of it in a turn of its own.
  await act(() => new Promise((done) => setTimeout(done)));
  expect(screen.queryByText("The editor")).not.toBeNull();
});

it("what could not be asked for is asked for again", async () => {
  const asked = vi.spyOn(api, "GET").mockRejectedValue(new Error("Gone."));
  opened(plate(1));
  await act(() => queries.resetQueries({ queryKey: [...keys.shot("s1"), "objects"] }));
  const again = await screen.findByRole("button", { name: "Try again" });
  asked.mockClear();
  fireEvent.click(again);
  await waitFor(() => expect(JSON.stringify(asked.mock.calls)).toContain("/api/v1/shots/{shot_id}/objects"));
});
