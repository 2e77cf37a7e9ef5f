import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { usePlates } from "../../src/api/shots";

it("a list of a shot that is not known yet is not asked for", async () => {
  const asked: unknown[] = [];
  const answer = async (_: string, init: unknown) => {
    asked.push(init);
    return { data: { items: [], next: null } };
  };
  vi.spyOn(api, "GET").mockImplementation(answer as never);
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: React.ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  const { rerender, result } = renderHook(({ id }) => usePlates(id), { wrapper, initialProps: { id: "" } });
  expect(result.current.fetchStatus).toBe("idle");
  expect(asked).toEqual([]);
  rerender({ id: "s1" });
  await waitFor(() => expect(result.current.isSuccess).toBe(true));
  expect(asked).toEqual([{ params: { path: { shot_id: "s1" }, query: { limit: 200 } } }]);
});
