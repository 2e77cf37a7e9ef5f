import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, it } from "vitest";
import type { Job } from "../../src/api/jobs";
import { keys } from "../../src/api/queries";
import { LogPanel } from "../../src/job/LogPanel";

const job = { id: "j1", state: "failed", tasks: [] } as unknown as Job;
const told: string[] = [];

/** As the address would have it. */
function Page() {
  const [search, setSearch] = useState("disk");
  function take(text: string): void {
    told.push(text);
    setSearch(text);
  }
  return <LogPanel job={job} attempt="" search={search} onAttempt={() => undefined} onSearch={take} />;
}

it("the address says what is looked for in the log, and is told what is", async () => {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData([...keys.jobLog, "j1", "", "failed"], "the disk is full\nno disk\nout of memory\n");
  render(
    <QueryClientProvider client={queries}>
      <Page />
    </QueryClientProvider>,
  );
  const field = screen.getByLabelText<HTMLInputElement>("Search the log");
  expect([field.value, screen.getByRole("status").textContent]).toEqual(["disk", "1 of 2"]);
  for (const typed of ["m", "me", "mem"]) fireEvent.change(field, { target: { value: typed } });
  expect(screen.getByRole("status").textContent).toBe("1 of 1");
  await waitFor(() => expect(told).toEqual(["mem"]), { timeout: 20_000 });
});
