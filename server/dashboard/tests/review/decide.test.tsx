import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { press } from "../../src/app/shortcuts";
import { Decide } from "../../src/review/Decide";
import { draftOf, keepDraft } from "../../src/review/noteDrafts";
import { ToastShelf, useToasts } from "../../src/ui/Toasts";
import { answering, dialogs, type Sent } from "./answering";

const SHOT = { id: "s1", name: "sh010", review: "pending_review", may: ["review"] } as const;
const DONE = { id: "j1", version: 1, state: "succeeded" } as const;

let sent: Sent[] = [];
const decided = vi.fn();

beforeEach(() => {
  dialogs();
  sent = answering();
  decided.mockReset();
  addEventListener("keydown", press);
});
afterEach(() => {
  removeEventListener("keydown", press);
  keepDraft("s1", null);
  useToasts.setState({ shown: [] });
  cleanup();
});

type Review = "pending_review" | "in_progress" | "retake";

function shown(
  version: { id: string; version: number; state: "succeeded" | "failed" } | null = DONE,
  review: Review = "pending_review",
) {
  const queries = new QueryClient();
  const page = (looked: typeof version, now: Review) => (
    <QueryClientProvider client={queries}>
      <Decide shot={{ ...SHOT, review: now, may: [...SHOT.may] }} version={looked} onDecided={decided} />
      <ToastShelf />
    </QueryClientProvider>
  );
  const { rerender } = render(page(version, review));
  return (looked: typeof version, now: Review) => rerender(page(looked, now));
}

it("a version that failed is not approved, and it is told why; it can be sent back, or it would wait for ever", () => {
  shown({ id: "j2", version: 2, state: "failed" });
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Approve" }).disabled).toBe(true);
  screen.getByText("v2 failed: nothing to approve.");
  fireEvent.keyDown(document.body, { key: "y" });
  expect(screen.queryByRole("dialog")).toBeNull();
  fireEvent.keyDown(document.body, { key: "x" });
  screen.getByRole("dialog");
  expect(sent).toEqual([]);
});

it("an approval can be taken back", async () => {
  shown();
  fireEvent.keyDown(document.body, { key: "y" });
  await waitFor(() => expect(decided).toHaveBeenCalledOnce());
  const body = { before: "pending_review", after: "approved", reason: "", job_id: "j1" };
  expect(sent).toEqual([["POST", "/shots/s1/reviews", body]]);
  const undo = decided.mock.calls[0]?.[1] as () => void;
  undo();
  await screen.findByText("sh010 is pending review again.");
  expect(sent[1]).toEqual(["POST", "/shots/s1/reviews", { ...body, before: "approved", after: "pending_review" }]);
});

it("a retake's reasons are ticked by their numbers, and it says what is lacking", async () => {
  shown();
  fireEvent.keyDown(document.body, { key: "x" });
  const dialog = screen.getByRole("dialog");
  screen.getByText("Tick what is wrong: one reason at least.");
  fireEvent.keyDown(dialog, { key: "Enter", ctrlKey: true });
  expect(sent).toEqual([]);
  fireEvent.keyDown(dialog, { key: "6" });
  screen.getByText("Other: say what.");
  const words = screen.getByLabelText("What is to be done");
  fireEvent.keyDown(words, { key: "1" });
  fireEvent.change(words, { target: { value: "from 1031 on" } });
  fireEvent.keyDown(dialog, { key: "2" });
  fireEvent.keyDown(words, { key: "Enter", ctrlKey: true });
  await waitFor(() => expect(decided).toHaveBeenCalledOnce());
  expect(sent[0]?.[2]).toMatchObject({ after: "retake", reason: "edge, other: from 1031 on" });
});

it("a note that was begun is added before the decision, once", async () => {
  keepDraft("s1", { text: "the ear ", frame: 1004, place: { x: 1, y: 2 }, jobId: "j1" });
  shown();
  fireEvent.keyDown(document.body, { key: "y" });
  expect(sent).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Add it, then approve" }));
  await waitFor(() => expect(decided).toHaveBeenCalledOnce());
  expect(sent.map(([, path]) => path)).toEqual(["/shots/s1/notes", "/shots/s1/reviews"]);
  expect(sent[0]?.[2]).toEqual({ text: "the ear", job_id: "j1", frame: 1004, x: 1, y: 2 });
  expect(draftOf("s1")).toBeNull();
});

it("an open dialog decides on what was seen when it was opened", async () => {
  const change = shown();
  fireEvent.keyDown(document.body, { key: "x" });
  const dialog = screen.getByRole("dialog");
  fireEvent.keyDown(dialog, { key: "2" });
  change({ id: "j2", version: 2, state: "succeeded" }, "in_progress");
  fireEvent.click(screen.getAllByRole("button", { name: "Retake" }).at(-1)!);
  await waitFor(() => expect(decided).toHaveBeenCalledOnce());
  expect(sent[0]?.[2]).toEqual({ before: "pending_review", after: "retake", reason: "edge", job_id: "j1" });
});

it("an approval is undone to where the shot was, but not to a retake, which needs a reason", async () => {
  shown(DONE, "in_progress");
  fireEvent.keyDown(document.body, { key: "y" });
  await waitFor(() => expect(decided).toHaveBeenCalledOnce());
  (decided.mock.calls[0]?.[1] as () => void)();
  await screen.findByText("sh010 is in progress again.");
  cleanup();
  shown(DONE, "retake");
  fireEvent.keyDown(document.body, { key: "y" });
  await waitFor(() => expect(decided).toHaveBeenCalledTimes(2));
  expect(decided.mock.calls[1]).toEqual(["approved", null]);
});

it("a key that is held decides once", () => {
  shown();
  fireEvent.keyDown(document.body, { key: "y", repeat: true });
  fireEvent.keyDown(document.body, { key: "x", repeat: true });
  expect(sent).toEqual([]);
  expect(screen.queryByRole("dialog")).toBeNull();
});
