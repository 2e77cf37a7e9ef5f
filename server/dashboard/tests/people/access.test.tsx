import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import type { Key, Session } from "../../src/people/access";
import { KeyTable } from "../../src/people/KeyTable";
import { waysIn } from "../../src/people/PersonPage";
import { SecretBox } from "../../src/people/SecretBox";
import { SessionTable } from "../../src/people/SessionTable";

beforeAll(() => {
  // jsdom has dialogs that do not open.
  HTMLDialogElement.prototype.showModal = function show(this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function close(this: HTMLDialogElement) {
    this.open = false;
  };
});
afterEach(cleanup);

const key = (id: string, more: Partial<Key> = {}): Key => ({
  id,
  name: `key ${id}`,
  prefix: "roto_1234567",
  scopes: ["read"],
  source: "made",
  created_at: "2026-01-01T00:00:00Z",
  expires_at: null,
  last_used_at: null,
  ...more,
});

it("says of a key what it may, whether it has expired and that it was never used", () => {
  render(<KeyTable keys={[key("a", { expires_at: "2020-01-01T00:00:00Z", source: "device" })]} revoke={vi.fn()} />);
  const row = screen.getByRole("row", { name: /key a/ });
  expect(row.textContent).toContain("read");
  expect(row.textContent).toContain("expired");
  expect(row.textContent).toContain("never");
  expect(row.textContent).toContain("let in with a code");
});

it("asks before a key is revoked, and revokes that one", async () => {
  const revoke = vi.fn().mockResolvedValue(undefined);
  render(<KeyTable keys={[key("a"), key("b")]} revoke={revoke} />);
  await userEvent.click(screen.getByRole("button", { name: "Revoke the key key b" }));
  expect(revoke).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Revoke" }));
  expect(revoke.mock.calls).toEqual([["b"]]);
});

const session = (id: string, current: boolean): Session => ({
  id,
  kind: "password",
  client: `browser ${id}`,
  address: "10.0.0.7",
  created_at: "2026-01-01T00:00:00Z",
  last_used_at: "2026-01-01T00:00:00Z",
  expires_at: "2026-02-01T00:00:00Z",
  current,
});

it("signs out here for the sign-in one looks from, and ends the others by their id", async () => {
  const end = vi.fn().mockResolvedValue(undefined);
  const endThis = vi.fn().mockResolvedValue(undefined);
  render(<SessionTable sessions={[session("a", true), session("b", false)]} end={end} endThis={endThis} />);
  await userEvent.click(screen.getByRole("button", { name: "Sign out browser b" }));
  expect(end.mock.calls).toEqual([["b"]]);
  await userEvent.click(screen.getByRole("button", { name: "Sign out here" }));
  expect(endThis).toHaveBeenCalledOnce();
  expect(end).toHaveBeenCalledOnce();
});

it("says how to copy a secret where the browser gives no clipboard", async () => {
  const user = userEvent.setup({ writeToClipboard: false });
  Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
  render(<SecretBox label="The new key" secret="roto_secret" />);
  expect(screen.getByLabelText<HTMLInputElement>("The new key").value).toBe("roto_secret");
  await user.click(screen.getByRole("button", { name: "Copy" }));
  expect(screen.getByRole("status").textContent).toContain("Ctrl+C");
});

it("tells how somebody comes in, or that they cannot yet", () => {
  expect(waysIn({ has_password: true, issuers: ["https://sso.example"] })).toBe("a password, https://sso.example");
  expect(waysIn({ has_password: false, issuers: [] })).toContain("no password was chosen");
});
