import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { it, vi } from "vitest";
import { api } from "../../src/api/client";
import TrashPage from "../../src/projects/TrashPage";

it("what was deleted first can be restored, too, however much came after it", async () => {
  const thing = (name: string) => ({ kind: "version", id: name, name, project_name: "", trashed_at: "2026-11-30T12:00:00Z" });
  const answer = async (_: string, { params: { query } }: { params: { query: { cursor?: string } } }) => ({
    data: query.cursor ? { items: [thing("first")], next: null } : { items: [thing("last")], next: "more" },
  });
  vi.spyOn(api, "GET").mockImplementation(answer as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter>
        <TrashPage />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  await screen.findByLabelText("Restore last");
  fireEvent.click(screen.getByText("Show more"));
  await screen.findByLabelText("Restore first");
});
