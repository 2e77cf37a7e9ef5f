import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, renderHook, screen, waitFor } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { readFilters } from "../../src/shots/filters";
import ShotsPage from "../../src/shots/ShotsPage";
import { useNewestJobs } from "../../src/shots/useBoard";

afterEach(cleanup);

it("every shot has its newest job, however many jobs there are", async () => {
  const asked: object[] = [];
  const answer = async (_: string, { params: { query } }: { params: { query: { cursor?: string } } }) => {
    asked.push(query);
    const items = [{ id: query.cursor ? "old" : "new", shot_id: query.cursor ? "s2" : "s1" }];
    return { data: { items, next: query.cursor ? null : "more" } };
  };
  vi.spyOn(api, "GET").mockImplementation(answer as never);
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: React.ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(() => useNewestJobs(readFilters(new URLSearchParams("project=p1"))), { wrapper });
  await waitFor(() => expect(result.current.data).toBeDefined());
  expect([...(result.current.data ?? [])].map(([shot, { id }]) => [shot, id])).toEqual([["s1", "new"], ["s2", "old"]]);
  const all = { project_id: "p1", newest: true, sort: "-created", limit: 1000 };
  expect(asked).toEqual([all, { ...all, cursor: "more" }]);
});

it("a search says that there is no such shot only once the server has looked, too", async () => {
  const shot = (id: string, name: string) => ({ id, name, project_id: "p1", state: "ready", review: "waiting" });
  let answered: (found: unknown) => void = () => undefined;
  const searching = new Promise((done) => (answered = done));
  const answer = async (path: string, init?: { params: { query: { search?: string } } }) => {
    if (path !== "/api/v1/shots") return { data: { items: [], next: null } };
    if (init?.params.query.search) return { data: await searching };
    return { data: { items: [shot(crypto.randomUUID(), "near")], next: "more" } };
  };
  vi.spyOn(api, "GET").mockImplementation(answer as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter initialEntries={["/shots?search=far"]}>
        <ShotsPage />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  await screen.findByText(/^Looking through all shots/);
  expect(screen.queryByText(/^No shot of these/)).toBeNull();
  answered({ items: [shot("s9", "far")], next: null });
  await screen.findByLabelText("Pick far");
});
