import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { keys } from "../../src/api/queries";
import { useAddress } from "../../src/review/useAddress";
import { useLooked } from "../../src/review/useLooked";
import { useToasts } from "../../src/ui/Toasts";

afterEach(() => {
  useToasts.setState({ shown: [] });
  cleanup();
});

const SHOT = keys.shot("s1");

/** A shot as the server tells it, and what it tells later. */
function looked(address = "/") {
  // What is there is not asked for.
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  const tell = (review: string, job: string | null, states: string[], eyes: string[] = []) => {
    const sent = job && { job_id: job, version: Number(job.slice(1)), by: "Ann", at: "2026-11-30T10:00:00Z" };
    queries.setQueryData(SHOT, { id: "s1", review, sent });
    queries.setQueryData([...SHOT, "reviews"], job ? [{ after: review, job_id: job }] : []);
    const versions = states.map((state, index) => {
      const plate = eyes[index] ? { view: eyes[index] } : null;
      return { id: `v${index + 1}`, version: index + 1, state, kind: "roto", plate };
    });
    queries.setQueryData([...SHOT, "versions"], versions.reverse());
  };
  const open = () =>
    renderHook(
      () => {
        const { search, set } = useAddress();
        const { version, view, due, told, isOpen } = useLooked("s1", search);
        return { version: version?.id, view, due: due?.id, told, isOpen, set };
      },
      {
        wrapper: ({ children }: { children: ReactNode }) => (
          <QueryClientProvider client={queries}>
            <MemoryRouter initialEntries={[address]}>{children}</MemoryRouter>
          </QueryClientProvider>
        ),
      },
    ).result;
  // The client tells its listeners a moment later.
  const later = (...told: Parameters<typeof tell>) =>
    act(async () => {
      tell(...told);
      await new Promise((done) => setTimeout(done));
    });
  return { queries, tell, open, later };
}

it("an approval leaves the version that was approved before one's eyes, though a newer one is done", async () => {
  const { tell, open, later } = looked();
  tell("pending_review", "v1", ["succeeded", "succeeded"]);
  const page = open();
  expect(page.current).toMatchObject({ version: "v1", told: "Sent: v1, newer: v2" });
  await later("approved", "v1", ["succeeded", "succeeded"]);
  expect(page.current).toMatchObject({ version: "v1", due: undefined, told: "Approved: v1, newer: v2" });
  expect(open().current.version).toBe("v1");
});

it("another that is sent meanwhile is told, and shown when somebody wants it", async () => {
  const { tell, open, later } = looked();
  tell("pending_review", "v1", ["succeeded"]);
  const page = open();
  await later("in_progress", null, ["succeeded", "running"]);
  expect(page.current).toMatchObject({ version: "v1", due: undefined });
  await later("pending_review", "v2", ["succeeded", "succeeded"]);
  expect(page.current).toMatchObject({ version: "v1", due: "v2", told: "Sent: v2" });
  act(() => page.current.set({ job: "v2" }));
  expect(page.current).toMatchObject({ version: "v2", due: undefined });
});

it("one that is tracked is watched to its end; the next that is done does not take its place", async () => {
  const { tell, open, later } = looked();
  tell("in_progress", null, ["running"]);
  const page = open();
  await later("in_progress", null, ["succeeded", "running"]);
  expect(page.current).toMatchObject({ version: "v1", told: null });
  await later("in_progress", null, ["succeeded", "succeeded"]);
  expect(page.current).toMatchObject({ version: "v1", due: "v2", told: "Newer: v2" });
});

it("an older one that somebody looks at is not called newer", () => {
  const { tell, open } = looked("/?job=v2");
  tell("in_progress", null, ["succeeded", "running"]);
  expect(open().current).toMatchObject({ version: "v2", due: undefined, told: null });
});

it("the other eye is not shown instead when that one is sent meanwhile", async () => {
  const { tell, open, later } = looked();
  tell("pending_review", "v1", ["succeeded"], ["main"]);
  const page = open();
  await later("pending_review", "v2", ["succeeded", "succeeded"], ["main", "right"]);
  expect(page.current).toMatchObject({ version: "v1", view: "main", due: "v2", told: "Sent: v2" });
  act(() => page.current.set({ view: "right" }));
  expect(page.current).toMatchObject({ version: "v2", view: "right", due: undefined });
});

it("one that goes to the trash meanwhile is said to be gone", async () => {
  const { tell, open, later } = looked();
  tell("in_progress", null, ["succeeded", "succeeded"]);
  const page = open();
  expect(page.current.version).toBe("v2");
  await later("in_progress", null, ["succeeded"]);
  expect(page.current.version).toBe("v1");
  expect(useToasts.getState().shown.map(({ text }) => text)).toEqual(["The version you looked at is gone. This is v1."]);
});

it("a version that the address names is shown as soon as it is listed", async () => {
  const { tell, open, later } = looked("/?job=v2");
  tell("in_progress", null, ["succeeded"]);
  const page = open();
  expect(page.current.version).toBe("v1");
  await later("in_progress", null, ["succeeded", "queued"]);
  expect(page.current.version).toBe("v2");
});

it("what is kept from an earlier visit is asked for again before it is opened", async () => {
  const { queries, tell, open, later } = looked();
  let answer = (_: unknown): void => undefined;
  vi.spyOn(api, "GET").mockReturnValue(new Promise((done) => (answer = done)) as never);
  tell("pending_review", "v1", ["succeeded"]);
  await queries.invalidateQueries({ queryKey: SHOT, exact: true });
  const page = open();
  expect(page.current).toMatchObject({ isOpen: false });
  answer({ data: { id: "s1", review: "pending_review", sent: { job_id: "v2" } }, response: new Response() });
  await later("pending_review", "v2", ["succeeded", "succeeded"]);
  expect(page.current).toMatchObject({ isOpen: true, version: "v2", due: undefined });
});
