import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import type { ScanOut, ShotIn } from "../../src/api/schema";
import { FoundPlates } from "../../src/upload/ScanPanel";

afterEach(cleanup);

/** Every shot is made but those that are called `taken`; `breaks`: what is asked then is lost. */
function making(breaks: (asked: number) => boolean = () => false) {
  const asked: ShotIn[][] = [];
  vi.spyOn(api, "POST").mockImplementation((async (_: string, { body }: { body: { shots: ShotIn[] } }) => {
    asked.push(body.shots);
    if (breaks(asked.length)) throw new TypeError("no line");
    const items = body.shots.map(({ name }, index) =>
      name.startsWith("taken")
        ? { index, shot: null, error: { code: "conflict", message: "Taken.", hint: "" } }
        : { index, shot: { id: name }, error: null },
    );
    return { data: { made: items.filter(({ shot }) => shot).length, items }, response: new Response() };
  }) as never);
  return asked;
}

function shown(...names: string[]) {
  const found = names.map((name) => ({ path: `/p/${name}.mov`, name, frames: null, missing: 0, beside: null, shot_id: null }));
  const told = { found, folders: 1, skipped: [], ended_by: null } as unknown as ScanOut;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MemoryRouter>
        <FoundPlates told={told} projectId="p1" />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

const press = async (name: string) => fireEvent.click(await screen.findByRole("button", { name }));

it("what was made is not made again with those that were refused", async () => {
  const asked = making();
  shown("a", "b", "taken1", "c", "taken2");
  await press("Make 5 shots");
  expect(await screen.findAllByText("✓ Made")).toHaveLength(3);
  fireEvent.change(screen.getByLabelText("Shot of /p/taken1.mov"), { target: { value: "d" } });
  await press("Make 2 shots");
  expect(await screen.findByText("✓ Made", { selector: "[href='/shots/d']" })).toBeTruthy();
  expect(screen.getAllByText("✓ Made")).toHaveLength(4);
  expect(screen.getByRole("button", { name: "Make 1 shot" })).toBeTruthy();
  expect(asked[1]?.map(({ name }) => name)).toEqual(["d", "taken2"]);
});

it("more than a request takes go in several, and what the first made is known when the next is lost", async () => {
  const asked = making((number) => number === 2);
  shown(...Array.from({ length: 501 }, (_, at) => `s${at}`));
  await press("Make 501 shots");
  await press("Make 1 shot");
  expect(await screen.findByText("✓ Made", { selector: "[href='/shots/s500']" })).toBeTruthy();
  expect(asked.map(({ length }) => length)).toEqual([500, 1, 1]);
}, 60_000);

it("none are chosen, and all, by one tick", async () => {
  making();
  shown("a", "b");
  const all = screen.getByLabelText("Make shots of all that are new");
  fireEvent.click(all);
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Make 0 shots" }).disabled).toBe(true);
  fireEvent.click(all);
  await press("Make 2 shots");
  expect(await screen.findAllByText("✓ Made")).toHaveLength(2);
});
