/** The API as far as a page's changes go: told what it was sent, and everything succeeds. */

import { vi } from "vitest";
import { api } from "../../src/api/client";

export type Sent = [method: string, path: string, body: unknown];

interface Init {
  params?: { path?: Record<string, string> };
  body?: unknown;
}

export function answering(): Sent[] {
  const sent: Sent[] = [];
  for (const method of ["POST", "PATCH", "DELETE"] as const) {
    const answer = async (path: string, init: Init) => {
      const names = Object.entries(init.params?.path ?? {});
      const filled = names.reduce((text, [name, value]) => text.replace(`{${name}}`, value), path);
      sent.push([method, filled.replace("/api/v1", ""), init.body]);
      return { data: {}, response: new Response() };
    };
    vi.spyOn(api, method).mockImplementation(answer as never);
  }
  return sent;
}

/** What jsdom has no layer for. */
export function dialogs(): void {
  HTMLDialogElement.prototype.showModal = function (this: HTMLDialogElement) {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
    this.open = false;
  };
}
