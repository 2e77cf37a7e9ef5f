import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { Problem } from "../../src/api/problem";
import { keys } from "../../src/api/queries";
import type { Shot } from "../../src/api/shots";
import { MoveDialog } from "../../src/shots/MoveDialog";
import { ObjectList } from "../../src/shots/ObjectList";
import { RerunDialog } from "../../src/shots/RerunDialog";
import { ShotDialog } from "../../src/shots/ShotDialog";
import { answering, dialogs } from "../review/answering";

beforeEach(dialogs);
afterEach(cleanup);

const OBJECTS = [{ id: "o1", name: "hero", label: "", color: [1, 0, 0] }];
const PROJECTS = [
  { id: "p1", name: "heist", may: ["manage_project"] },
  { id: "p2", name: "moon", client: "Northlight", may: ["manage_project"] },
  { id: "p3", name: "rain", may: ["add_shot"] },
];

function shown(what: ReactNode): void {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData([...keys.shot("s1"), "objects"], OBJECTS);
  queries.setQueryData([...keys.projects, "no"], PROJECTS);
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>{what}</MemoryRouter>
    </QueryClientProvider>,
  );
}

it("a name that is refused does not stay in its field", async () => {
  vi.spyOn(api, "GET").mockResolvedValue({ data: { items: OBJECTS, next: null } } as never);
  vi.spyOn(api, "PATCH").mockRejectedValue(new Error("There is a hero already."));
  shown(<ObjectList shotId="s1" edits />);
  const field = screen.getByLabelText<HTMLInputElement>("Name of hero");
  fireEvent.change(field, { target: { value: "car" } });
  fireEvent.blur(field);
  await waitFor(() => expect(field.value).toBe("hero"));
  expect(api.PATCH).toHaveBeenCalledOnce();
});

it("a shot's frame rate is put right, and not taken away", async () => {
  const sent = answering();
  const shot = { id: "s1", name: "sh010", colorspace: "ACEScg", fps: [24, 1], handles: [0, 0] } as unknown as Shot;
  shown(<ShotDialog shot={shot} onClose={() => undefined} />);
  const [rate, save] = [screen.getByLabelText(/^Frames a second/), screen.getByText<HTMLButtonElement>("Save")];
  fireEvent.change(rate, { target: { value: "" } });
  expect([save.disabled, rate.getAttribute("aria-invalid")]).toEqual([true, "true"]);
  fireEvent.change(rate, { target: { value: "25" } });
  fireEvent.change(screen.getByLabelText(/^Colour space/), { target: { value: "" } });
  fireEvent.click(save);
  await waitFor(() => expect(sent).toEqual([["PATCH", "/shots/s1", { fps: [25, 1], colorspace: null }]]));
});

it("a version whose answer was lost is asked for by the same key, and another by another", async () => {
  const posted: unknown[] = [];
  vi.spyOn(api, "POST").mockImplementation((async (_: string, { params }: { params: { header: object } }) => {
    posted.push(params.header);
    throw new Error("The server cannot be reached.");
  }) as never);
  vi.spyOn(api, "GET").mockImplementation((async (path: string) => {
    const items = path.endsWith("versions") ? [{ id: "j1", version: 1, kind: "roto" }] : [];
    return { data: { items, next: null } };
  }) as never);
  shown(<RerunDialog shot={{ id: "s1", name: "sh010" } as Shot} onClose={() => undefined} />);
  const submit = screen.getByRole<HTMLButtonElement>("button", { name: "Submit" });
  for (const times of [1, 2, 3]) {
    if (times === 3) fireEvent.change(screen.getByLabelText("Priority"), { target: { value: "high" } });
    await waitFor(() => expect(submit.disabled).toBe(false));
    fireEvent.click(submit);
    await waitFor(() => expect(posted.length).toBe(times));
  }
  expect(posted[1]).toEqual(posted[0]);
  expect(posted[2]).not.toEqual(posted[0]);
});

it("a shot goes to another project one supervises, and stays open where that is refused", async () => {
  vi.spyOn(api, "POST").mockRejectedValue(new Problem(409, { message: "2 jobs of the shot have not ended." }));
  shown(<MoveDialog shot={{ id: "s1", name: "sh010", project_id: "p1" } as Shot} onClose={() => undefined} />);
  const [to, move] = [screen.getByLabelText<HTMLSelectElement>("To"), screen.getByText<HTMLButtonElement>("Move")];
  expect([...to.options].map(({ text }) => text)).toEqual(["Choose a project", "moon (Northlight)"]);
  expect(move.disabled).toBe(true);
  fireEvent.change(to, { target: { value: "p2" } });
  fireEvent.click(move);
  expect(await screen.findByText("2 jobs of the shot have not ended.")).toBeTruthy();
  expect(api.POST).toHaveBeenCalledWith("/api/v1/shots/{shot_id}/move", {
    params: { path: { shot_id: "s1" } },
    body: { project_id: "p2" },
  });
});
