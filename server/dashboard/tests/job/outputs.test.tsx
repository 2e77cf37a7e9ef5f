import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import type { Job } from "../../src/api/jobs";
import { OutputsPanel } from "../../src/job/OutputsPanel";

const ROLES = [
  { role: "matte", files: 12_000, size: 24_000_000 },
  { role: "shapes", files: 1, size: 5 },
];

interface Init {
  params: { query?: { role: string; cursor?: string } };
}

it("shapes are there whatever the number of mattes, and a list that is cut says so", async () => {
  const file = (role: string, number: number) => ({ id: `${role}${number}`, name: `${role}.${number}`, size: 5, url: "/" });
  const answer = async (_: string, { params: { query } }: Init) => {
    if (!query) return { data: { roles: ROLES } };
    if (query.role === "shapes") return { data: { items: [file("shapes", 1)], next: null } };
    return { data: { items: [file("matte", query.cursor ? 2 : 1)], next: query.cursor ? null : "more" } };
  };
  vi.spyOn(api, "GET").mockImplementation(answer as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <OutputsPanel job={{ id: "j1" } as Job} />
    </QueryClientProvider>,
  );
  expect(await screen.findByText("shapes.1")).toBeTruthy();
  expect(screen.getByText("12,000 files, 24.0 MB")).toBeTruthy();
  expect(await screen.findByText("The first 1 by name.")).toBeTruthy();
  fireEvent.click(screen.getByText("Show more"));
  expect(await screen.findByText("matte.2")).toBeTruthy();
  expect(screen.queryByText("The first 2 by name.")).toBeNull();
});
