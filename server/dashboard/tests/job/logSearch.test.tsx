import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { MemoryRouter, useLocation, useSearchParams } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Job } from "../../src/api/jobs";
import { keys } from "../../src/api/queries";
import { LogPanel } from "../../src/job/LogPanel";

const attempts = [{ id: "a1", number: 1, state: "failed" }];
const job = { id: "j1", state: "failed", tasks: [{ kind: "track", attempts }] } as unknown as Job;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** As a job's page has it: what is told goes to the address, beside what the address had when it was drawn. */
function Page() {
  const [params, setParams] = useSearchParams();
  const [attempt, search] = [params.get("attempt") ?? "", params.get("search") ?? ""];
  function go(attempt: string, search: string): void {
    setParams({ tab: "log", ...(attempt && { attempt }), ...(search && { search }) }, { replace: true });
  }
  return (
    <>
      <LogPanel
        job={job}
        attempt={attempt}
        search={search}
        onAttempt={(id) => go(id, search)}
        onSearch={(text) => go(attempt, text)}
      />
      <output>{useLocation().search}</output>
    </>
  );
}

it("an attempt that is chosen while somebody types stays chosen", async () => {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  for (const attempt of ["", "a1"]) queries.setQueryData([...keys.jobLog, "j1", attempt, "failed"], "the disk is full\n");
  const { container } = render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={["/?tab=log"]}>
        <Page />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
  const address = () => container.querySelector("output")?.textContent;
  fireEvent.change(screen.getByLabelText("Search the log"), { target: { value: "disk" } });
  await pass(200);
  fireEvent.change(screen.getByLabelText("Attempt"), { target: { value: "a1" } });
  expect(address()).toBe("?tab=log&attempt=a1");
  await pass(1000);
  expect(address()).toBe("?tab=log&attempt=a1&search=disk");
});
