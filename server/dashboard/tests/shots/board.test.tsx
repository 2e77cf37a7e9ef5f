import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, renderHook, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { readFilters } from "../../src/shots/filters";
import ShotsPage from "../../src/shots/ShotsPage";
import { useAssign, useFoundShots, useNewestJobs } from "../../src/shots/useBoard";

afterEach(cleanup);

function wrapper({ children }: { children: React.ReactNode }) {
  const [queries] = useState(() => new QueryClient());
  return <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
}

it("every shot has its newest job, however many jobs there are", async () => {
  const asked: object[] = [];
  const answer = async (_: string, { params: { query } }: { params: { query: { cursor?: string } } }) => {
    asked.push(query);
    const items = [{ id: query.cursor ? "old" : "new", shot_id: query.cursor ? "s2" : "s1" }];
    return { data: { items, next: query.cursor ? null : "more" } };
  };
  vi.spyOn(api, "GET").mockImplementation(answer as never);
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

it("a board that is not searched counts what is loaded, and says once what cannot be read", async () => {
  const shot = { name: "near", project_id: "p1", state: "ready", review: "waiting" };
  const items = () => [{ ...shot, id: crypto.randomUUID() }];
  const answer = async (path: string) =>
    path === "/api/v1/shots" ? { data: { items: items(), next: "more" } } : { data: { items: [], next: null } };
  vi.spyOn(api, "GET").mockImplementation(answer as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter initialEntries={["/shots"]}>
        <ShotsPage />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  await screen.findByText("3 of 3, the newest");
  expect(screen.queryByText(/^Looking through all shots/)).toBeNull();
});

it("a search goes on where the server's answer was cut", async () => {
  const answer = async (_: string, { params: { query } }: { params: { query: { cursor?: string } } }) => {
    const at = Number(query.cursor ?? 0);
    return { data: { items: [{ id: `s${at}`, name: "far" }], next: at < 4 ? `${at + 1}` : null } };
  };
  vi.spyOn(api, "GET").mockImplementation(answer as never);
  const filters = readFilters(new URLSearchParams("search=far"));
  const { result } = renderHook(() => useFoundShots(filters, true), { wrapper });
  await waitFor(() => expect(result.current.data?.length).toBe(3));
  expect(result.current.hasNextPage).toBe(true);
  await result.current.fetchNextPage();
  await waitFor(() => expect(result.current.data?.length).toBe(4));
});

it("more shots than the server takes at once are assigned in parts", async () => {
  const sizes: [number, number][] = [];
  const answer = async (_: string, { body }: { body: { shot_ids: string[]; user_ids: string[] } }) => {
    sizes.push([body.shot_ids.length, body.user_ids.length]);
    return { data: { shots_changed: body.shot_ids.length } };
  };
  vi.spyOn(api, "POST").mockImplementation(answer as never);
  const { result } = renderHook(() => useAssign("p1"), { wrapper });
  const shot_ids = Array.from({ length: 2500 }, (_, at) => `s${at}`);
  expect(await result.current.mutateAsync({ shot_ids, user_ids: ["u1"], mode: "add" })).toBe(2500);
  expect(sizes).toEqual([[1000, 1], [1000, 1], [500, 1]]);
  sizes.length = 0;
  const user_ids = Array.from({ length: 40 }, (_, at) => `u${at}`);
  await result.current.mutateAsync({ shot_ids: shot_ids.slice(0, 1001), user_ids, mode: "set" });
  expect(sizes).toEqual([[500, 40], [500, 40], [1, 40]]);
});
