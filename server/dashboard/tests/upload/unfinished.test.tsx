import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import type { UploadListed } from "../../src/api/schema";
import type { Kept } from "../../src/upload/keeping";
import { Unfinished } from "../../src/upload/Unfinished";
import { joined } from "../../src/upload/useUnfinished";
import { answering, dialogs } from "../review/answering";

afterEach(cleanup);

const upload = (id: string, state: UploadListed["state"] = "open") => ({ id, state }) as UploadListed;
const kept = (id: string, uploadId: string | null) => ({ id, uploadId }) as Kept;

describe("what was begun before", () => {
  it("is each once, whoever knows of it", () => {
    const begun = joined(
      [kept("k1", "u1"), kept("k2", null), kept("k3", "gone"), kept("k4", "u4")],
      [upload("u1"), upload("u2"), upload("u3", "complete"), upload("u4", "complete")],
      new Set(),
    );
    expect(begun.map((one) => [one.kept?.id, one.upload?.id])).toEqual([
      ["k1", "u1"],
      ["k2", undefined],
      ["k3", undefined],
      // Complete, and its shot was never made.
      ["k4", "u4"],
      [undefined, "u2"],
    ]);
  });

  it("is not what another tab sends", () => {
    expect(joined([kept("k1", "u1")], [upload("u1")], new Set(["k1"]))).toEqual([]);
  });

  const shown = (files: object[]) => {
    const listed = { id: "u1", state: "open", project_id: "p1", first_file: "a.mov", file_count: 1, created_at: "2026-11-30T12:00:00Z" };
    vi.spyOn(api, "GET").mockImplementation((async (path: string) => {
      const told = path.endsWith("/uploads") ? { items: [listed], next: null } : { id: "u1", project_id: "p1", files };
      return { data: told, response: new Response() };
    }) as never);
    render(
      <QueryClientProvider client={new QueryClient()}>
        <Unfinished userId="ann" projects={[]} />
      </QueryClientProvider>,
    );
  };

  it("is discarded when that is wanted, for another machine may be sending it", async () => {
    dialogs();
    const sent = answering();
    shown([]);
    fireEvent.click(await screen.findByRole("button", { name: "Discard a.mov" }));
    expect(screen.getByText("Discard a.mov?")).toBeTruthy();
    expect(screen.getByText(/it fails there/)).toBeTruthy();
    expect(sent).toEqual([]);
    fireEvent.click(screen.getByRole("button", { name: "Discard" }));
    await waitFor(() => expect(sent).toEqual([["DELETE", "/uploads/u1", undefined]]));
  });

  it("says when what was begun elsewhere is no plate", async () => {
    shown([{ name: "still.png", size: 1, sha256: "0" }]);
    const chooser = await screen.findByLabelText("The files of a.mov");
    fireEvent.change(chooser, { target: { files: [new File(["1"], "still.png")] } });
    expect(await screen.findByText(/not one plate: still.png: a picture without a frame number/)).toBeTruthy();
  });
});
