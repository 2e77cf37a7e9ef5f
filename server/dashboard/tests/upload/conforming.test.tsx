import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { keys } from "../../src/api/queries";
import { Problem } from "../../src/api/problem";
import type { Project } from "../../src/api/projects";
import { ConformPanel } from "../../src/upload/ConformPanel";
import { whyNone } from "../../src/upload/ConformTable";

afterEach(cleanup);

function shown(list: object | null, dropped: File | null = null) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData([...keys.projects, "conforms", "p1"], []);
  if (list) queries.setQueryData([...keys.projects, "conform", "c1"], list);
  const project = { id: "p1", allowed_roots: [], settings: {} } as unknown as Project;
  render(
    <QueryClientProvider client={queries}>
      <ConformPanel project={project} dropped={dropped} conformId={list ? "c1" : ""} onOpen={() => undefined} />
    </QueryClientProvider>,
  );
}

it("a list that was written after it was chosen says that it is to be chosen again", async () => {
  vi.stubGlobal("DataTransfer", class {
    items = { add: () => undefined };
    files = null;
  });
  const list = new File(["TITLE: cut"], "cut.edl");
  list.arrayBuffer = () => Promise.reject(new DOMException("The file has changed.", "NotReadableError"));
  shown(null, list);
  fireEvent.click(await screen.findByRole("button", { name: "Read the list" }));
  expect(await screen.findByText(/cannot read cut.edl any more/)).toBeTruthy();
  expect(screen.getByText(/Choose it again/)).toBeTruthy();
  vi.unstubAllGlobals();
});

it("while one event is renamed the others can be, one after the other, and each says what was refused", async () => {
  const event = (index: number) => ({
    index, number: `00${index}`, name: `s${index}`, track: "V", state: "matched", change: "new", made: false,
    shot_id: null, error: null, remarks: [], clip: "a", speed: 1, source: { in: "", out: "" }, frames: [1, 2],
    handles: [0, 0], match: { path: "/p/a.mov" }, candidates: [],
  });
  const entries = [event(1), event(2)];
  const list = { id: "c1", name: "cut", title: "cut", entries, states: {}, left_out: {}, folders: [], gone: [], fps: [24, 1] };
  shown(list);
  const asked: [string, (refused: Problem) => void][] = [];
  vi.spyOn(api, "PATCH").mockImplementation(((_: string, { body }: { body: { name: string } }) =>
    new Promise((_resolve, reject) => asked.push([body.name, reject]))) as never);
  vi.spyOn(api, "GET").mockImplementation((async () => ({ data: list, response: new Response() })) as never);
  const rename = (number: string, name: string) => {
    const input = screen.getByLabelText<HTMLInputElement>(`Shot of event ${number}`);
    expect(input.disabled).toBe(false);
    fireEvent.change(input, { target: { value: name } });
    fireEvent.blur(input);
  };
  const refuse = (at: number) => asked[at]?.[1](new Problem(409, { message: `No ${asked[at]?.[0]}.` }));
  rename("001", "x");
  await waitFor(() => expect(asked.map(([name]) => name)).toEqual(["x"]));
  rename("002", "y");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Make 2 shots" }).disabled).toBe(true);
  refuse(0);
  await waitFor(() => expect(asked.map(([name]) => name)).toEqual(["x", "y"]));
  refuse(1);
  expect(await screen.findByText("No y.")).toBeTruthy();
  expect(screen.getByText("No x.")).toBeTruthy();
});

it("why no shot can be made is said", () => {
  const event = (state: string, made = false) => ({ state, made });
  expect(whyNone({ entries: [event("unmatched"), event("skipped")] })).toBe("1 event lacks its plate: name one, or skip.");
  expect(whyNone({ entries: [event("matched", true), event("no_media")] })).toBe("Every event that is taken in is a shot already.");
  expect(whyNone({ entries: [event("skipped")] })).toBe("No event is taken in.");
});
