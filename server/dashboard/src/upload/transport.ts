/** Our client's way to the server, signed in by this page's cookie. */

import { PATIENT } from "roto-client/retry";
import { Transport } from "roto-client/transport";
import { CSRF, fetched } from "../api/client";

/** Four pieces of 8 MiB at once take their time on a line to somebody's home. */
const TIMEOUT_MS = 300_000;

export function pageTransport(origin = location.origin): Transport {
  return new Transport({
    server: origin,
    token: null,
    retry: PATIENT,
    timeoutMs: TIMEOUT_MS,
    platform: null,
    fetch: (url, init) => send(origin, url, init),
  });
}

function send(origin: string, url: string, init: RequestInit): Promise<Response> {
  // Pieces may go straight into a bucket: it is told nothing of who is signed in here.
  if (!url.startsWith(`${origin}/`)) return fetch(url, init);
  const headers = { ...(init.headers as Record<string, string>), ...CSRF };
  return fetched(new Request(url, { ...init, headers, credentials: "same-origin" }));
}
