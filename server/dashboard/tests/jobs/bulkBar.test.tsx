import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import type { JobRow } from "../../src/api/schema";
import { BulkBar } from "../../src/jobs/BulkBar";
import { dialogs } from "../review/answering";

beforeEach(dialogs);

const rows = ["1", "2"].map((id) => ({
  id, state: "failed", kind: "roto", shot_name: `sh0${id}`, may: ["edit_shot", "cancel"],
})) as JobRow[];

function Page() {
  const [chosen, setChosen] = useState(rows);
  return <BulkBar chosen={chosen} onDeleted={() => setChosen([])} />;
}

it("who refused is told when none of the chosen is left, until it was read", async () => {
  const refused = [{ id: "2", code: "not_found", message: "It is gone.", hint: "" }];
  vi.spyOn(api, "POST").mockResolvedValue({ data: { done: ["1"], refused } } as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Page />
    </QueryClientProvider>,
  );
  fireEvent.click(screen.getByText("Delete…"));
  fireEvent.click(await screen.findByText("Delete 2 jobs"));
  expect(await screen.findByText("sh02")).toBeTruthy();
  expect(screen.getByText("1 job refused it")).toBeTruthy();
  expect(screen.queryByRole("region", { name: "Selected jobs" })).toBeNull();
});
