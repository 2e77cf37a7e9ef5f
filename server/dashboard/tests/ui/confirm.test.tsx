import { act, cleanup, createEvent, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { press, useShortcuts } from "../../src/app/shortcuts";
import { ConfirmDialog } from "../../src/ui/ConfirmDialog";
import { dialogs } from "../review/answering";

const closed = vi.fn();
const approve = vi.fn();
const work = vi.fn();
let refuse: (why: Error) => void;

function Page({ disabled = false }: { disabled?: boolean }) {
  useShortcuts("Review", { y: { label: "Approve", run: approve } });
  return (
    <ConfirmDialog title="Send sh010 back?" verb="Retake" disabled={disabled} work={work} onClose={closed}>
      <textarea aria-label="Words" />
    </ConfirmDialog>
  );
}

beforeEach(() => {
  dialogs();
  vi.clearAllMocks();
  work.mockImplementation(() => new Promise((_, reject) => (refuse = reject)));
  addEventListener("keydown", press);
});
afterEach(() => {
  removeEventListener("keydown", press);
  cleanup();
});

const form = () => screen.getByRole("dialog").querySelector("form")!;
const verb = () => screen.getByRole<HTMLButtonElement>("button", { name: "Retake" });

it("is done once, however often it is sent", async () => {
  render(<Page />);
  fireEvent.submit(form());
  fireEvent.submit(form());
  fireEvent.click(verb());
  expect(work).toHaveBeenCalledOnce();
  await act(async () => refuse(new Error("no")));
  fireEvent.click(verb());
  expect(work).toHaveBeenCalledTimes(2);
});

it("is not done while something lacks, by whichever key it is sent", () => {
  render(<Page disabled />);
  fireEvent.submit(form());
  expect(work).not.toHaveBeenCalled();
});

it("stays, and keeps the focus, until it is known how it ended", async () => {
  render(<Page />);
  verb().focus();
  fireEvent.click(verb());
  expect(verb().disabled).toBe(false);
  expect(document.activeElement).toBe(verb());
  const dialog = screen.getByRole("dialog");
  const escape = createEvent.keyDown(dialog, { key: "Escape" });
  fireEvent(dialog, escape);
  expect(escape.defaultPrevented).toBe(true);
  fireEvent(dialog, new Event("cancel", { cancelable: true }));
  fireEvent.click(screen.getByRole("button", { name: "Not now" }));
  expect(closed).not.toHaveBeenCalled();
  await act(async () => refuse(new Error("no")));
  screen.getByRole("alert");
  fireEvent(dialog, new Event("cancel", { cancelable: true }));
  expect(closed).toHaveBeenCalledOnce();
});

it("the page's keys do nothing behind it, wherever the focus is", () => {
  const { unmount } = render(<Page />);
  fireEvent.keyDown(document.body, { key: "y" });
  expect(approve).not.toHaveBeenCalled();
  screen.getByRole<HTMLDialogElement>("dialog").close();
  fireEvent.keyDown(document.body, { key: "y" });
  expect(approve).toHaveBeenCalledOnce();
  unmount();
});
