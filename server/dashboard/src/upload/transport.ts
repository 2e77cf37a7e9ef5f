/** Our client's way to the server, signed in by this page's cookie. */

import { PATIENT } from "roto-client/retry";
import { Transport } from "roto-client/transport";
import { CSRF, fetched } from "../api/client";
import { Lines } from "./lines";

/** Four pieces of 8 MiB at once take their time on a line to somebody's home. */
const TIMEOUT_MS = 300_000;
/** Pieces for a bucket are larger, and their addresses open for so long. */
const BUCKET_MS = 900_000;
/** The client's own limit counts the wait for a line as well, and there may be many before. */
const WAIT_MS = 24 * 3_600_000;
/** Of all plates together. */
const lines = new Lines(4);

export function pageTransport(origin = location.origin): Transport {
  return new Transport({
    server: origin,
    token: null,
    retry: PATIENT,
    timeoutMs: WAIT_MS,
    platform: null,
    fetch: (url, init) => (isLong(url, init) ? lines.take(() => send(origin, url, init), init.signal) : send(origin, url, init)),
  });
}

/** Bytes that go out, and the answer to all of them, which the server reads once more before. */
function isLong(url: string, { method }: RequestInit): boolean {
  return method === "PUT" || url.endsWith("/complete");
}

function send(origin: string, url: string, init: RequestInit): Promise<Response> {
  const isOurs = url.startsWith(`${origin}/`);
  const limit = AbortSignal.timeout(isOurs ? TIMEOUT_MS : BUCKET_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
  // Pieces may go straight into a bucket: it is told nothing of who is signed in here.
  if (!isOurs) return fetch(url, { ...init, signal });
  const headers = { ...(init.headers as Record<string, string>), ...CSRF };
  return fetched(new Request(url, { ...init, signal, headers, credentials: "same-origin" }));
}
