import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { keys } from "../../src/api/queries";
import { FilterBar } from "../../src/jobs/FilterBar";
import { filtersOf } from "../../src/jobs/filters";

afterEach(cleanup);

function shown(address: string) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  const projects = [{ id: "p1", name: "heist" }, { id: "p2", name: "moon", archived_at: "2026-01-01T00:00:00Z" }];
  queries.setQueryData([...keys.projects, "all"], projects);
  queries.setQueryData([...keys.projects, "no"], projects.slice(0, 1));
  queries.setQueryData(keys.shot("s1"), { id: "s1", name: "sh010" });
  queries.setQueryData([...keys.people, "owner", "u1"], "Ann Artist");
  queries.setQueryData([...keys.people, "owner", "u2"], null);
  queries.setQueryData(keys.views, []);
  const [params, onChange] = [new URLSearchParams(address), vi.fn()];
  render(
    <QueryClientProvider client={queries}>
      <FilterBar params={params} filters={filtersOf(params)} states={{}} onChange={onChange} />
    </QueryClientProvider>,
  );
  return onChange;
}

it("one shot's jobs say whose they are, until that is taken away", () => {
  const onChange = shown("shot_id=s1&kind=roto");
  fireEvent.click(screen.getByRole("button", { name: "Shot sh010" }));
  expect(String(onChange.mock.calls[0]?.[0])).toBe("kind=roto");
});

it("one person's jobs say whose they are, until that is taken away; one's own have a chip already", () => {
  const onChange = shown("owner=u1&kind=roto");
  fireEvent.click(screen.getByRole("button", { name: "Owner Ann Artist" }));
  expect(String(onChange.mock.calls[0]?.[0])).toBe("kind=roto");
  cleanup();
  shown("owner=u2");
  expect(screen.getByRole("button", { name: "Owner that is not known" })).toBeTruthy();
  cleanup();
  shown("owner=me");
  expect(screen.queryByRole("button", { name: /^Owner/ })).toBeNull();
});

it("a project that is in the archive, or not known, does not look like all of them", () => {
  const chosen = () => screen.getByLabelText<HTMLSelectElement>("Project").selectedOptions[0]?.text;
  shown("project_id=p2");
  expect(chosen()).toBe("moon (archive)");
  cleanup();
  shown("project_id=p3");
  expect(chosen()).toBe("Project: not known");
});
