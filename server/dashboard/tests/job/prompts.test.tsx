import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, expect, it } from "vitest";
import type { Job } from "../../src/api/jobs";
import { keys } from "../../src/api/queries";
import { PromptsPanel } from "../../src/job/PromptsPanel";

afterEach(cleanup);

function shown(prompt: object): Element {
  // jsdom keeps no blobs.
  URL.createObjectURL = () => "blob:mask";
  URL.revokeObjectURL = () => undefined;
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  const plate = { view: "main", version: 1, width: 400, height: 300 };
  const plates = [plate, { ...plate, version: 2, width: 200 }, { ...plate, view: "left", width: 100 }];
  queries.setQueryData([...keys.shot("s1"), "plates"], plates);
  const params = { objects: [{ name: "hero", color: [1, 0, 0], prompts: [{ frame: 1001, ...prompt }] }] };
  const job = { id: "j1", shot_id: "s1", view: "main", plate_version: 1, params } as unknown as Job;
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>
        <PromptsPanel job={job} />
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return screen.getByRole("img", { name: /^Frame 1001/ });
}

it("marks lie on the plate that was prompted, whatever the shot's plate is today", () => {
  expect(shown({ box: [1, 1, 9, 9] }).getAttribute("viewBox")).toBe("0 0 400 300");
});

it("a painted mask is tinted over the picture", () => {
  const picture = shown({ mask: { png: btoa("png") } });
  const [mask, tint] = [picture.querySelector("mask"), picture.querySelector("rect")];
  expect(mask?.querySelector("image")?.getAttribute("href")).toBe("blob:mask");
  expect(tint?.getAttribute("mask")).toBe(`url(#${mask?.id})`);
  expect(tint?.getAttribute("fill")).toBe("#ff0000");
});

it("an outline bends as its tangents say, and one that takes away is dashed", () => {
  const points = [[0, 0, 0, -5, 0, 5], [90, 0, 0, 0, 0, 0], [90, 90, 0, 0, 0, 0]];
  const picture = shown({ outline: [{ points }, { points, mode: "subtract" }] });
  const [added, taken] = picture.querySelectorAll("path");
  expect(added?.getAttribute("d")).toBe("M0 0C0 5 90 0 90 0C90 0 90 90 90 90C90 90 0 -5 0 0Z");
  expect(added?.hasAttribute("stroke-dasharray")).toBe(false);
  expect(taken?.hasAttribute("stroke-dasharray")).toBe(true);
});
