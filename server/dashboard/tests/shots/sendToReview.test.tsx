import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it } from "vitest";
import { keys } from "../../src/api/queries";
import { SendToReview } from "../../src/shots/SendToReview";
import { answering } from "../review/answering";

afterEach(cleanup);

function shown(review: "in_progress" | "pending_review", may: string[], states: string[]) {
  // What is there is not asked for.
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  const versions = states.map((state, index) => ({ id: `j${index}`, version: states.length - index, state, kind: "roto" }));
  queries.setQueryData([...keys.shot("s1"), "versions"], versions);
  render(
    <QueryClientProvider client={queries}>
      <SendToReview shot={{ id: "s1", name: "sh010", review, may }} />
    </QueryClientProvider>,
  );
  return screen.queryByRole<HTMLButtonElement>("button", { name: "Send to review" });
}

it("sends the newest version that is done", async () => {
  const sent = answering();
  const button = shown("in_progress", ["edit_shot"], ["running", "succeeded", "succeeded"]);
  if (button) fireEvent.click(button);
  await waitFor(() => expect(sent).toHaveLength(1));
  const body = { before: "in_progress", after: "pending_review", reason: "", job_id: "j1" };
  expect(sent).toEqual([["POST", "/shots/s1/reviews", body]]);
});

it("says why it cannot, and is not there for who may not, nor when it was sent", () => {
  const button = shown("in_progress", ["edit_shot"], ["failed"]);
  expect(button?.disabled).toBe(true);
  expect(button?.title).toBe("v1 failed: nothing to send to review.");
  cleanup();
  expect(shown("in_progress", ["add_note"], ["succeeded"])).toBeNull();
  expect(shown("pending_review", ["edit_shot"], ["succeeded"])).toBeNull();
});
