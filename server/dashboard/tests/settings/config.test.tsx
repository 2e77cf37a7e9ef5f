import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { keys } from "../../src/api/queries";
import { ConfigSection } from "../../src/settings/ConfigSection";
import { dialogs } from "../review/answering";

afterEach(cleanup);

it("a value that is being typed stays when the settings cannot be asked for again", async () => {
  dialogs();
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
  const entry = { name: "retries", about: "How often", value: 2, default: 1, source: "changed", changed_by_name: "Ann" };
  queries.setQueryData([...keys.settings, "config"], { items: [entry] });
  render(
    <QueryClientProvider client={queries}>
      <ConfigSection />
    </QueryClientProvider>,
  );
  fireEvent.click(screen.getByRole("button", { name: "Change retries" }));
  fireEvent.change(screen.getByLabelText("How often"), { target: { value: "7" } });
  const ask = vi.spyOn(api, "GET").mockRejectedValue(new Error("no"));
  await act(() => queries.invalidateQueries({ queryKey: keys.settings }));
  expect((await screen.findByRole("alert")).textContent).toContain("Try again");
  expect(screen.getByLabelText<HTMLInputElement>("How often").value).toBe("7");
  fireEvent.click(screen.getByRole("button", { name: "Try again", hidden: true }));
  expect(ask).toHaveBeenCalledTimes(2);
});
