import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { readFilters } from "../../src/shots/filters";
import { useNewestJobs } from "../../src/shots/useBoard";

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
