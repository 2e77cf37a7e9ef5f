/**
 * One exchange with the server: address, key, versions, time limits, retries, typed errors.
 *
 * What is retried, with growing pauses: a 429 or 503 that says `Retry-After`, always; a lost
 * connection or a 502/503/504, only for calls that may safely arrive twice.
 */

import { errorFrom, isObject, RotoError } from "./errors";
import { pauseAfter, QUICK, type Retry, sleep, stopped } from "./retry";
import { API_PREFIX, PRODUCT_VERSION, VERSION_HEADER, versionsFit } from "./version";

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;
export type Params = Record<string, string | number | null | undefined>;

export interface TransportOptions {
  server: string;
  token: string | null;
  fetch?: Fetch;
  retry?: Retry;
  /** Until an answer begins, and then until it has all arrived. */
  timeoutMs?: number;
  sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export interface Call {
  body?: unknown;
  bytes?: Uint8Array;
  params?: Params;
  headers?: Record<string, string>;
  idempotencyKey?: string;
  /** Whether it may arrive twice; reading calls always may. */
  idempotent?: boolean;
  signal?: AbortSignal;
  /** Whether the browser may answer from what it keeps: for what never changes. */
  keep?: boolean;
  /** Told before each pause: the server is away and is asked again. */
  waiting?: (error: RotoError) => void;
}

export interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
}

const LONGEST_PAUSE = 60_000;
const REPEATABLE = ["GET", "HEAD", "PUT", "DELETE"];

/** `text` as the server's base address: no trailing slash, no API prefix. */
export function serverUrl(text: string): string {
  let url = text.trim().replace(/\/+$/, "");
  if (url.endsWith(API_PREFIX)) {
    url = url.slice(0, -API_PREFIX.length);
  }
  if (!/^https?:\/\/[^/\s?#@]+(\/[^\s?#]*)?$/.test(url)) {
    throw new RotoError(`${JSON.stringify(text)} is not a server address.`, {
      kind: "input",
      hint: "Write it as http://host:8710 or https://roto.studio.example.",
    });
  }
  return url;
}

export class Transport {
  readonly server: string;
  readonly token: string | null;
  readonly retry: Retry;
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  private readonly fetch: Fetch;
  private readonly timeoutMs: number;

  constructor(options: TransportOptions) {
    this.server = serverUrl(options.server);
    this.token = options.token;
    this.retry = options.retry ?? QUICK;
    this.timeoutMs = options.timeoutMs ?? 60_000;
    this.sleep = options.sleep ?? sleep;
    // A browser's fetch refuses to be called as a method of anything but the window.
    this.fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  }

  /** The same way to the server with another patience. */
  with(retry: Retry): Transport {
    const { server, token, fetch, timeoutMs, sleep: pause } = this;
    return new Transport({ server, token, fetch, timeoutMs, sleep: pause, retry });
  }

  /** The JSON answer to a request. `path` is relative to `/api/v1`, with its slash. */
  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const headers = { Accept: "application/json", ...call.headers };
    const answer = await this.send(method, path, { ...call, headers });
    try {
      return JSON.parse(new TextDecoder().decode(answer.bytes)) as T;
    } catch {
      throw this.notOurs(answer.status);
    }
  }

  /** One request, retried as the module says; the answer's status is 2xx. */
  async send(method: string, path: string, call: Call = {}): Promise<Answer> {
    const mayRepeat =
      call.idempotent === true || Boolean(call.idempotencyKey) || REPEATABLE.includes(method);
    for (let failures = 1; ; failures++) {
      try {
        return await this.exchange(method, path, call);
      } catch (error) {
        if (!(error instanceof RotoError) || error.kind !== "unavailable") {
          throw error;
        }
        const asked = error.detail["retry_after_ms"];
        if (failures >= this.retry.tries || !(mayRepeat || typeof asked === "number")) {
          throw error;
        }
        call.waiting?.(error);
        const pause = typeof asked === "number" ? asked : pauseAfter(this.retry, failures);
        await this.sleep(pause, call.signal);
      }
    }
  }

  private async exchange(method: string, path: string, call: Call): Promise<Answer> {
    // One controller for the caller's signal and the time limit: AbortSignal.any is too new.
    const controller = new AbortController();
    const abort = (): void => controller.abort();
    const timer = setTimeout(abort, this.timeoutMs);
    call.signal?.addEventListener("abort", abort, { once: true });
    if (call.signal?.aborted) {
      abort();
    }
    try {
      const response = await this.fetch(this.url(path, call.params), {
        method,
        headers: this.headers(call),
        body: bodyOf(call),
        signal: controller.signal,
        // The key goes in a header: no cookie is ever sent or kept.
        credentials: "omit",
        cache: call.keep ? "default" : "no-store",
        redirect: "error",
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return this.checked({ status: response.status, headers: response.headers, bytes });
    } catch (error) {
      if (error instanceof RotoError) {
        throw error;
      }
      if (call.signal?.aborted) {
        throw stopped();
      }
      throw this.noAnswer(error, controller.signal.aborted);
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener("abort", abort);
    }
  }

  private url(path: string, params: Params = {}): string {
    const given = Object.entries(params).filter(([, value]) => value != null);
    const query = given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
    return this.server + API_PREFIX + path + (query.length ? `?${query.join("&")}` : "");
  }

  private headers(call: Call): Record<string, string> {
    const headers: Record<string, string> = { [VERSION_HEADER]: PRODUCT_VERSION, ...call.headers };
    if (call.body !== undefined) {
      headers["Content-Type"] = "application/json";
    }
    if (call.idempotencyKey) {
      headers["Idempotency-Key"] = call.idempotencyKey;
    }
    if (this.token) {
      headers["Authorization"] = `Bearer ${this.token}`;
    }
    return headers;
  }

  private checked(answer: Answer): Answer {
    const theirs = answer.headers.get(VERSION_HEADER);
    if (theirs !== null && !versionsFit(PRODUCT_VERSION, theirs)) {
      throw new RotoError(
        `This plugin is ${PRODUCT_VERSION}, the server is ${theirs}: too far apart.`,
        { kind: "version", detail: { client: PRODUCT_VERSION, server: theirs } },
      );
    }
    if (answer.status >= 200 && answer.status < 300) {
      if (theirs === null) {
        throw this.notOurs(answer.status);
      }
      return answer;
    }
    throw this.refusal(answer);
  }

  private refusal(answer: Answer): RotoError {
    const body = parsed(answer.bytes);
    const told =
      isObject(body) && "code" in body
        ? body
        : { message: `${this.server} answered ${answer.status}, in no form this plugin knows.` };
    const pause = retryAfter(answer.headers.get("Retry-After"));
    if (pause !== null && (answer.status === 429 || answer.status === 503)) {
      const detail = isObject(told["detail"]) ? told["detail"] : {};
      Object.assign(told, { detail: { ...detail, retry_after_ms: pause } });
    }
    return errorFrom(told, answer.status, answer.headers.get("X-Request-Id") ?? "");
  }

  private noAnswer(error: unknown, late: boolean): RotoError {
    const said = error instanceof Error ? error.message : String(error);
    const why = late ? `nothing came within ${this.timeoutMs / 1000} seconds` : said;
    return new RotoError(`No answer from ${this.server}: ${why}.`, {
      kind: "unavailable",
      hint:
        "Is the server running, and the address right? A server older than this plugin, or one " +
        "whose settings do not let pages from files in, looks the same from here.",
    });
  }

  private notOurs(status: number): RotoError {
    return new RotoError(`What answers at ${this.server} is not a Megaton Roto server.`, {
      kind: "server",
      hint: "Check the address and port; a proxy or sign-in page may be in between.",
      status,
    });
  }
}

function bodyOf(call: Call): BodyInit | undefined {
  if (call.bytes !== undefined) {
    return call.bytes as Uint8Array<ArrayBuffer>;
  }
  return call.body === undefined ? undefined : JSON.stringify(call.body);
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
}

/** `Retry-After` (seconds or an HTTP date) as milliseconds from now, at most a minute. */
export function retryAfter(value: string | null, now: number = Date.now()): number | null {
  if (!value) {
    return null;
  }
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isNaN(wait) ? null : Math.min(LONGEST_PAUSE, Math.max(0, wait));
}
