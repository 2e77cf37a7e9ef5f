import { render, screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import { NodeTable } from "../../src/farm/NodeTable";
import type { Node } from "../../src/api/farm";

const GHOST = { id: "ghost1", state: "disabled", reason: "new disk", changed_by: "Ada", workers: [] } as unknown as Node;

describe("the table of nodes", () => {
  it("has a row for one without workers, which can be let to work again", () => {
    const change = vi.fn();
    render(<NodeTable nodes={[GHOST]} onChange={change} />);
    const row = screen.getByRole("row", { name: /ghost1/ });
    expect(within(row).getByText("No worker of it is known.")).toBeTruthy();
    within(row).getByRole("button", { name: "Enable ghost1" }).click();
    expect(change).toHaveBeenCalledWith(GHOST, "enabled");
  });
});
