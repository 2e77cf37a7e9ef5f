/**
 * Signing in with a code: shown here, approved in a browser (device.py).
 *
 * `beginSignIn` asks the server for a code; `waitForKey` asks until somebody who is signed in there
 * has approved it, and gives the API key the server made. Neither needs a key, nothing is kept.
 */

import { isObject, RotoError } from "./errors";
import type { DeviceIn, DeviceKey, DevicePoll, DeviceStart } from "./schema";
import type { Transport } from "./transport";

/** A code that waits to be approved. */
export interface DeviceCode {
  deviceCode: string;
  /** What is entered at `address`; at `addressWithCode` it is filled in already. */
  userCode: string;
  address: string;
  addressWithCode: string;
  /** Least milliseconds between two questions. */
  intervalMs: number;
  /** When the code is void, as `Date.now()` counts. */
  ends: number;
}

export interface WaitOptions {
  /** Aborting gives up with `stopped`. */
  signal?: AbortSignal;
  now?: () => number;
}

/** Added to the interval when the server says slow_down (RFC 8628, 3.5). */
const SLOWER = 5_000;
/** Least milliseconds between two questions, whatever the server allows. */
const SHORTEST = 1_000;
const LONGEST_NAME = 100;

/** What the server says it answers, before it was looked at. */
type Unseen<T> = { [Name in keyof T]?: unknown };

/** A fresh code. `client`: what the browser calls the program that asks. */
export async function beginSignIn(
  transport: Transport,
  client: string,
  { signal, now = Date.now }: WaitOptions = {},
): Promise<DeviceCode> {
  const body: DeviceIn = { client: client.replace(/[^ -~]/g, "").trim().slice(0, LONGEST_NAME) };
  try {
    const answer = await transport.json("POST", "/auth/device", { body, idempotent: true, signal });
    return codeFrom(answer, now());
  } catch (error) {
    if (!(error instanceof RotoError) || error.kind !== "not_found") {
      throw error;
    }
    throw new RotoError(`${transport.server} does not sign in with a code.`, {
      code: error.code,
      status: error.status,
      requestId: error.requestId,
      hint: "Give it an API key; the server's administrator makes one.",
    });
  }
}

/**
 * The API key, once the code is approved. A server that is away, or asks for patience, is asked
 * again. Throws `access` when it was refused in the browser, `expired` when nobody answered.
 */
export async function waitForKey(
  transport: Transport,
  code: DeviceCode,
  { signal, now = Date.now }: WaitOptions = {},
): Promise<string> {
  const asking = transport.with({ tries: 1, firstPause: 0, longestPause: 0 });
  const body: DevicePoll = { device_code: code.deviceCode };
  let interval = Math.max(SHORTEST, code.intervalMs);
  for (let pause = interval; ; ) {
    await transport.sleep(Math.min(pause, Math.max(0, code.ends - now())), signal);
    if (now() >= code.ends) {
      throw new RotoError(`Nobody approved the code ${code.userCode} in time.`, {
        kind: "expired",
        hint: "Sign in again and approve the new code in your browser.",
      });
    }
    pause = interval;
    try {
      return keyFrom(await asking.json("POST", "/auth/device/token", { body, signal }));
    } catch (error) {
      if (!(error instanceof RotoError)) {
        throw error;
      }
      if (error.kind === "pending") {
        interval += error.code === "slow_down" ? SLOWER : 0;
        pause = interval;
      } else if (error.kind === "unavailable") {
        pause = Math.max(interval, error.retryAfterMs);
      } else {
        throw error;
      }
    }
  }
}

function codeFrom(answer: unknown, now: number): DeviceCode {
  const told: Unseen<DeviceStart> = isObject(answer) ? answer : {};
  const address = told.verification_url;
  const code = {
    deviceCode: told.device_code,
    userCode: told.user_code,
    address,
    addressWithCode: told.verification_url_complete ?? address,
    intervalMs: Number(told.interval) * 1000,
    ends: now + Number(told.expires_in) * 1000,
  };
  const texts = [code.deviceCode, code.userCode].every((one) => typeof one === "string" && one);
  const numbers = [code.intervalMs, code.ends].every(Number.isFinite);
  // The host hands the address to the system, which opens more than pages.
  const pages = isPage(code.address) && isPage(code.addressWithCode);
  if (!texts || !numbers || !pages || !/^[A-Z0-9-]{4,20}$/.test(code.userCode as string)) {
    throw unreadable();
  }
  return code as DeviceCode;
}

function keyFrom(answer: unknown): string {
  const told: Unseen<DeviceKey> = isObject(answer) ? answer : {};
  const key = told.api_key;
  if (typeof key !== "string" || key === "") {
    throw unreadable();
  }
  return key;
}

function isPage(url: unknown): boolean {
  return typeof url === "string" && /^https?:\/\/[^\s/?#@\\]+([/?#][!-~]*)?$/.test(url);
}

function unreadable(): RotoError {
  return new RotoError("The server's answer to a sign-in could not be read.", {
    kind: "server",
    hint: "Panel and server may be of different builds; please report this.",
  });
}
