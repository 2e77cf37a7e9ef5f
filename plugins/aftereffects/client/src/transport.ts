/**
 * One exchange with the server: address, key, versions, time limits, retries, typed errors.
 *
 * What is retried, with growing pauses: a 429 or 503 that says `Retry-After`, always, unless it is
 * longer than the patience's `longestAsked`; a lost connection or a 502/503/504, only for calls
 * that may safely arrive twice.
 *
 * A server that lets pages say so is told which system this is, and tells paths as it names them.
 *
 * Every call goes out under an `X-Request-Id` made here, the same one when it is tried again.
 * Server and workers write it into their logs; an error carries it, also when nothing answered.
 */

import { errorFrom, isObject, RotoError } from "./errors";
import { newKey } from "./ids";
import { PLATFORM_HEADER, type Platform, takesPlatform, thisPlatform } from "./platform";
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
  /** Told before each pause. */
  waiting?: Waiting;
  /** Which system this is; by itself unless given. */
  platform?: Platform | null;
}

/** What is in the way, and how long it is waited for in milliseconds. */
export type Waiting = (error: RotoError, pause: number) => void;

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
}

export interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array;
}

/** A timer that is set for longer goes off at once. */
const LONGEST_TIMER = 2 ** 31 - 1;
const REQUEST_ID_HEADER = "X-Request-Id";
const LONGEST_ASKED = 60_000;
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
  private readonly waiting: Waiting | undefined;
  private readonly platform: Platform | null;
  private tellsPlatform = false;

  constructor(options: TransportOptions) {
    this.server = serverUrl(options.server);
    this.token = options.token;
    this.retry = options.retry ?? QUICK;
    this.timeoutMs = options.timeoutMs ?? 60_000;
    this.sleep = options.sleep ?? sleep;
    this.waiting = options.waiting;
    this.platform = options.platform === undefined ? thisPlatform() : options.platform;
    // A browser's fetch refuses to be called as a method of anything but the window.
    this.fetch = options.fetch ?? ((url, init) => globalThis.fetch(url, init));
  }

  /** The same way to the server with another patience, and perhaps somebody who is told of it. */
  with(retry: Retry, waiting = this.waiting): Transport {
    const { server, token, fetch, timeoutMs, sleep: pause, platform } = this;
    const same = { server, token, fetch, timeoutMs, sleep: pause, platform };
    const other = new Transport({ ...same, retry, waiting });
    other.tellsPlatform = this.tellsPlatform;
    return other;
  }

  /** The JSON answer to a request. `path` is relative to `/api/v1`, with its slash. */
  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const headers = { Accept: "application/json", ...call.headers };
    const answer = await this.send(method, path, { ...call, headers });
    try {
      return JSON.parse(new TextDecoder().decode(answer.bytes)) as T;
    } catch {
      throw this.notOurs(answer.status, answer.headers.get(REQUEST_ID_HEADER) ?? "");
    }
  }

  /** One request, retried as the module says; the answer's status is 2xx. */
  async send(method: string, path: string, call: Call = {}): Promise<Answer> {
    const mayRepeat =
      call.idempotent === true || Boolean(call.idempotencyKey) || REPEATABLE.includes(method);
    const id = newKey();
    for (let failures = 1; ; failures++) {
      try {
        return await this.exchange(method, path, call, id);
      } catch (error) {
        const pause = this.pause(error, failures, mayRepeat);
        if (pause === null) {
          throw error;
        }
        this.waiting?.(error as RotoError, pause);
        await this.sleep(pause, call.signal);
      }
    }
  }

  /** Bytes to another server, at an address this one gave: no key goes along. 0: no answer. */
  async putElsewhere(
    url: string,
    bytes: Uint8Array,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<number> {
    const body = bytes as Uint8Array<ArrayBuffer>;
    try {
      const told = { method: "PUT", headers, body, credentials: "omit", redirect: "error" } as const;
      const response = await this.fetch(url, { ...told, signal: signal ?? null });
      await response.arrayBuffer();
      return response.status;
    } catch {
      if (signal?.aborted) {
        throw stopped();
      }
      return 0;
    }
  }

  /** How long to wait before it is tried again; null: it is not. */
  private pause(error: unknown, failures: number, mayRepeat: boolean): number | null {
    const away = error instanceof RotoError && error.kind === "unavailable";
    if (!away || failures >= this.retry.tries) {
      return null;
    }
    if (typeof error.detail["retry_after_ms"] !== "number") {
      return mayRepeat ? pauseAfter(this.retry, failures) : null;
    }
    const longest = this.retry.longestAsked ?? LONGEST_ASKED;
    return error.retryAfterMs <= longest ? error.retryAfterMs : null;
  }

  private async exchange(method: string, path: string, call: Call, id: string): Promise<Answer> {
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
        headers: this.headers(call, id),
        body: bodyOf(call),
        signal: controller.signal,
        // The key goes in a header: no cookie is ever sent or kept.
        credentials: "omit",
        cache: call.keep ? "default" : "no-store",
        redirect: "error",
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return this.checked({ status: response.status, headers: response.headers, bytes }, id);
    } catch (error) {
      if (error instanceof RotoError) {
        throw error;
      }
      if (call.signal?.aborted) {
        throw stopped();
      }
      throw this.noAnswer(error, controller.signal.aborted, id);
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

  private headers(call: Call, id: string): Record<string, string> {
    const ours = { [VERSION_HEADER]: PRODUCT_VERSION, [REQUEST_ID_HEADER]: id };
    const headers: Record<string, string> = { ...ours, ...call.headers };
    if (this.platform && this.tellsPlatform) {
      headers[PLATFORM_HEADER] = this.platform;
    }
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

  private checked(answer: Answer, id: string): Answer {
    const theirs = answer.headers.get(VERSION_HEADER);
    if (theirs !== null && !versionsFit(PRODUCT_VERSION, theirs)) {
      throw new RotoError(
        `This plugin is ${PRODUCT_VERSION}, the server is ${theirs}: too far apart.`,
        { kind: "version", requestId: id, detail: { client: PRODUCT_VERSION, server: theirs } },
      );
    }
    if (answer.status >= 200 && answer.status < 300) {
      if (theirs === null) {
        throw this.notOurs(answer.status, id);
      }
      this.tellsPlatform = takesPlatform(theirs);
      return answer;
    }
    throw this.refusal(answer, id);
  }

  private refusal(answer: Answer, id: string): RotoError {
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
    return errorFrom(told, answer.status, answer.headers.get(REQUEST_ID_HEADER) ?? id);
  }

  private noAnswer(error: unknown, late: boolean, id: string): RotoError {
    const said = error instanceof Error ? error.message : String(error);
    const why = late ? `nothing came within ${this.timeoutMs / 1000} seconds` : said;
    return new RotoError(`No answer from ${this.server}: ${why}.`, {
      kind: "unavailable",
      requestId: id,
      hint:
        "Is the server running, and the address right? A server older than this plugin, or one " +
        "whose settings do not let pages from files in, looks the same from here.",
    });
  }

  private notOurs(status: number, requestId: string): RotoError {
    return new RotoError(`What answers at ${this.server} is not a Megaton Roto server.`, {
      kind: "server",
      hint: "Check the address and port; a proxy or sign-in page may be in between.",
      status,
      requestId,
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

/** `Retry-After` (seconds or an HTTP date) as milliseconds from now; null for what is neither. */
export function retryAfter(value: string | null, now: number = Date.now()): number | null {
  if (!value) {
    return null;
  }
  const seconds = Number(value);
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - now;
  return Number.isFinite(wait) ? Math.min(LONGEST_TIMER, Math.max(0, wait)) : null;
}
