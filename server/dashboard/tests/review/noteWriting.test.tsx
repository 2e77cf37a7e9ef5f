import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Note } from "../../src/api/shots";
import { keys } from "../../src/api/queries";
import { NewNote } from "../../src/review/NewNote";
import { keepDraft } from "../../src/review/noteDrafts";
import { NoteWords } from "../../src/review/NoteWords";
import { answering, dialogs, type Sent } from "./answering";

let sent: Sent[] = [];

beforeEach(() => {
  dialogs();
  sent = answering();
});
afterEach(() => {
  cleanup();
  keepDraft("s1", null);
  keepDraft("s2", null);
});

function writing(shotId: string, at: number, more: { place?: { x: number; y: number } | null } = {}) {
  const onGo = vi.fn();
  const queries = new QueryClient();
  const page = (frame: number, place = more.place ?? null) => (
    <QueryClientProvider client={queries}>
      <NewNote shotId={shotId} jobId={`job of ${shotId}`} at={frame} place={place} placing={false}
        onPlacing={vi.fn()} onPlaced={vi.fn()} onGo={onGo} />
    </QueryClientProvider>
  );
  const { rerender, unmount } = render(page(at));
  return { onGo, unmount, move: (frame: number, place: { x: number; y: number } | null = null) => rerender(page(frame, place)) };
}

const field = () => screen.getByLabelText<HTMLTextAreaElement>("A new note");

it("a note that was begun is there when one comes back, on the frame it was begun on", async () => {
  const first = writing("s1", 1004, { place: { x: 5, y: 6 } });
  fireEvent.change(field(), { target: { value: "the ear" } });
  first.unmount();
  const next = writing("s2", 1001);
  expect(field().value).toBe("");
  next.unmount();
  const { onGo } = writing("s1", 1001);
  expect(field().value).toBe("the ear");
  screen.getByText("Begun on frame 1004.");
  fireEvent.click(screen.getByRole("button", { name: "Go there" }));
  expect(onGo).toHaveBeenCalledWith(1004);
  fireEvent.click(screen.getByRole("button", { name: "Add note" }));
  await waitFor(() => expect(field().value).toBe(""));
  const due = { text: "the ear", job_id: "job of s1", frame: 1004, x: 5, y: 6 };
  expect(sent).toEqual([["POST", "/shots/s1/notes", due]]);
});

it("it goes to the frame that is looked at when it is moved there, or placed there", async () => {
  const { move } = writing("s1", 1004);
  fireEvent.change(field(), { target: { value: "the ear" } });
  move(1005);
  fireEvent.click(screen.getByRole("button", { name: "Move it here" }));
  expect(screen.queryByText(/Begun on/)).toBeNull();
  move(1006, { x: 1, y: 2 });
  expect(screen.queryByText(/Begun on/)).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Add note" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.[2]).toMatchObject({ frame: 1006, x: 1, y: 2 });
});

function words(me: string, isAnswered = false) {
  const queries = new QueryClient();
  queries.setQueryData(keys.me, { id: me });
  const note = { id: "n1", text: "the ear", created_by: "Ann", created_by_id: "ann", created_at: "2026-11-30T10:00:00Z" };
  render(
    <QueryClientProvider client={queries}>
      <NoteWords note={note as Note} shotId="s1" mayWrite isAnswered={isAnswered} />
    </QueryClientProvider>,
  );
}

it("one's own words are changed and taken back, nobody else's", async () => {
  words("bob");
  expect(screen.queryAllByRole("button")).toEqual([]);
  cleanup();
  words("ann", true);
  expect(screen.getAllByRole("button").map(({ textContent }) => textContent)).toEqual(["Edit"]);
  cleanup();
  words("ann");
  fireEvent.click(screen.getByRole("button", { name: "Edit" }));
  fireEvent.change(screen.getByLabelText("The note's words"), { target: { value: " the other ear " } });
  fireEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByLabelText("The note's words")).toBeNull());
  expect(sent).toEqual([["PATCH", "/notes/n1", { text: "the other ear" }]]);
  fireEvent.click(screen.getByRole("button", { name: "Delete" }));
  const [, confirm] = screen.getAllByRole("button", { name: "Delete" });
  if (confirm) fireEvent.click(confirm);
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]?.slice(0, 2)).toEqual(["DELETE", "/notes/n1"]);
});
