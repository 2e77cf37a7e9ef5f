import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { useSaveViews } from "../../src/api/views";

const views = { Failures: "state=failed&owner=me" };

it("a view is saved beside those that another window has saved meanwhile", async () => {
  const put = vi.fn(async (_: string, { body }: { body: object }) => ({ data: body }));
  vi.spyOn(api, "GET").mockImplementation((async () => ({ data: { views: { jobs: views } } })) as never);
  vi.spyOn(api, "PUT").mockImplementation(put as never);
  const client = new QueryClient();
  const wrapper = ({ children }: { children: React.ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(() => useSaveViews("jobs"), { wrapper });
  await result.current.mutateAsync((now) => ({ ...now, Mine: "owner=me" }));
  const body = { views: { jobs: { ...views, Mine: "owner=me" } } };
  expect(put).toHaveBeenCalledWith("/api/v1/users/me/views", { body });
});
