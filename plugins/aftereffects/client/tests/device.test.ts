/** Signing in with a code, with a server that is scripted answer by answer. */

import { describe, expect, it } from "vitest";
import { beginSignIn, type DeviceCode, waitForKey } from "../src/device";
import { RotoError } from "../src/errors";
import { stopped } from "../src/retry";
import { Transport } from "../src/transport";
import { PRODUCT_VERSION } from "../src/version";

const OURS = { "X-Roto-Version": PRODUCT_VERSION };
const CODE = "BCDF-GHJK";
const PAGE = "https://roto.studio.example/device";
const STARTED = {
  device_code: "secret",
  user_code: CODE,
  verification_url: PAGE,
  verification_url_complete: `${PAGE}?code=${CODE}`,
  expires_in: 600,
  interval: 5,
};
const WAITING: DeviceCode = {
  deviceCode: "secret",
  userCode: CODE,
  address: PAGE,
  addressWithCode: PAGE,
  intervalMs: 5_000,
  ends: 600_000,
};
const KEY = { api_key: "roto_new", expires_at: "", scopes: ["read"], user: { id: "1", name: "A" } };

type Answer = [number, unknown, Record<string, string>?] | Error;
const refusal = (code: string, status: number): Answer => [status, { code, message: "m" }];
const PENDING = refusal("authorization_pending", 400);

/** A server and a clock: what was sent, and how long was waited in between. */
function scripted(...answers: Answer[]) {
  const sent: { path: string; body: unknown; headers: Record<string, string> }[] = [];
  const pauses: number[] = [];
  let now = 0;
  const transport = new Transport({
    server: "https://roto.studio.example",
    token: null,
    fetch: async (url, init) => {
      const path = url.slice("https://roto.studio.example/api/v1".length);
      const headers = init.headers as Record<string, string>;
      sent.push({ path, body: JSON.parse(String(init.body)), headers });
      const answer = answers.shift();
      if (!answer || answer instanceof Error) {
        throw answer ?? new Error("the script is at its end");
      }
      const [status, body, more] = answer;
      return new Response(JSON.stringify(body), { status, headers: { ...OURS, ...more } });
    },
    sleep: async (pause, signal) => {
      if (signal?.aborted) {
        throw stopped();
      }
      pauses.push(pause);
      now += pause;
    },
  });
  return { transport, sent, pauses, now: () => now };
}

async function refused(call: Promise<unknown>): Promise<RotoError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RotoError);
  return error as RotoError;
}

describe("a code", () => {
  it("is asked for without a key, under a name that fits on a line", async () => {
    const table = scripted([200, STARTED]);
    const name = `After Effects on w\n${"s".repeat(200)}`;
    const code = await beginSignIn(table.transport, name, { now: () => 1000 });
    expect(code).toEqual({
      ...WAITING,
      addressWithCode: `${PAGE}?code=${CODE}`,
      ends: 601_000,
    });
    expect(table.sent[0]!.path).toBe("/auth/device");
    expect(table.sent[0]!.headers["Authorization"]).toBeUndefined();
    expect(table.sent[0]!.body).toEqual({ client: `After Effects on w${"s".repeat(82)}` });
  });

  it("is not there at an older server, which is said", async () => {
    const table = scripted(refusal("not_found", 404));
    const error = await refused(beginSignIn(table.transport, "x"));
    expect(error.message).toMatch(/does not sign in with a code/);
    expect(error.hint).toMatch(/API key/);
  });

  it.each([
    ["javascript:alert(1)", CODE],
    ["file:///etc/passwd", CODE],
    ["https://roto/ device", CODE],
    [7, CODE],
    [PAGE, "AB<b>"],
    [PAGE, ""],
  ])("that could do harm is not shown or opened: %s %s", async (url, user_code) => {
    const table = scripted([200, { ...STARTED, verification_url_complete: url, user_code }]);
    expect((await refused(beginSignIn(table.transport, "x"))).kind).toBe("server");
  });
});

describe("the key", () => {
  it("is asked for until the code is approved, slower when told so", async () => {
    const slow = refusal("slow_down", 400);
    const table = scripted(PENDING, slow, PENDING, [200, KEY]);
    expect(await waitForKey(table.transport, WAITING, table)).toBe("roto_new");
    expect(table.pauses).toEqual([5_000, 5_000, 10_000, 10_000]);
    expect(table.sent.map((one) => one.body)).toEqual(Array(4).fill({ device_code: "secret" }));
  });

  it("is waited for through a server that is away or asks for patience", async () => {
    const busy: Answer = [503, { code: "maintenance" }, { "Retry-After": "33" }];
    const table = scripted(new TypeError("gone"), busy, [200, KEY]);
    await waitForKey(table.transport, WAITING, table);
    expect(table.pauses).toEqual([5_000, 5_000, 33_000]);
  });

  it("never comes where somebody says no", async () => {
    const table = scripted(PENDING, refusal("access_denied", 403));
    const error = await refused(waitForKey(table.transport, WAITING, table));
    expect([error.kind, error.code]).toEqual(["access", "access_denied"]);
  });

  it("never comes when the code has run out, here or there", async () => {
    const here = scripted(PENDING, PENDING);
    const late = await refused(waitForKey(here.transport, { ...WAITING, ends: 12_000 }, here));
    expect([late.kind, here.sent.length, here.pauses]).toEqual(["expired", 2, [5000, 5000, 2000]]);
    const there = scripted(refusal("link_expired", 410));
    expect((await refused(waitForKey(there.transport, WAITING, there))).kind).toBe("expired");
  });

  it("is not asked for any more once it is stopped", async () => {
    const table = scripted();
    const going = new AbortController();
    going.abort();
    const { signal } = going;
    const error = await refused(waitForKey(table.transport, WAITING, { ...table, signal }));
    expect([error.kind, table.sent]).toEqual(["stopped", []]);
  });

  it("is asked for once a second at most, and is a text", async () => {
    const table = scripted([200, { api_key: "" }]);
    const eager = { ...WAITING, intervalMs: 0 };
    expect((await refused(waitForKey(table.transport, eager, table))).kind).toBe("server");
    expect(table.pauses).toEqual([1_000]);
  });
});
