/** One exchange with a server that is scripted answer by answer. */

import { describe, expect, it } from "vitest";
import { RotoClient } from "../src/client";
import { asRotoError, hintOf, kindOf, RotoError } from "../src/errors";
import { Keys } from "../src/keys";
import { type Fetch, retryAfter, serverUrl, Transport } from "../src/transport";
import { PRODUCT_VERSION, versionsFit } from "../src/version";

const OURS = { "X-Roto-Version": PRODUCT_VERSION };

interface Sent {
  url: string;
  init: RequestInit & { headers: Record<string, string> };
}

/** Answers in turn; an Error in the list is a connection that breaks. */
function scripted(...answers: (Response | Error)[]): {
  fetch: Fetch;
  sent: Sent[];
  pauses: number[];
} {
  const sent: Sent[] = [];
  return {
    sent,
    pauses: [],
    fetch: async (url, init) => {
      sent.push({ url, init: init as Sent["init"] });
      const answer = answers.shift();
      if (!answer) {
        throw new Error("the script is at its end");
      }
      if (answer instanceof Error) {
        throw answer;
      }
      return answer;
    },
  };
}

function answer(body: unknown, status = 200, headers: Record<string, string> = OURS): Response {
  return new Response(JSON.stringify(body), { status, headers });
}

function transport(script: ReturnType<typeof scripted>, tries = 4): Transport {
  return new Transport({
    server: "http://farm:8710/",
    token: "roto_key",
    fetch: script.fetch,
    retry: { tries, firstPause: 100, longestPause: 800 },
    sleep: async (pause) => void script.pauses.push(pause),
  });
}

async function refused(call: Promise<unknown>): Promise<RotoError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RotoError);
  return error as RotoError;
}

describe("what is sent", () => {
  it("goes to the server's API with key and version, without cookies", async () => {
    const script = scripted(answer({ items: [] }));
    await transport(script).json("GET", "/projects", {
      params: { name: "a b&c", limit: 1, no: null },
    });
    const { url, init } = script.sent[0]!;
    expect(url).toBe("http://farm:8710/api/v1/projects?name=a%20b%26c&limit=1");
    expect(init.headers).toMatchObject({ Authorization: "Bearer roto_key", ...OURS });
    expect(init.credentials).toBe("omit");
    expect(init.redirect).toBe("error");
  });

  it("keeps an id that is none inside its part of the path", async () => {
    const script = scripted(answer({}));
    const client = new RotoClient("http://farm", "k", { transport: transport(script) });
    await client.job("../projects?x=1");
    expect(script.sent[0]!.url).toBe("http://farm:8710/api/v1/jobs/..%2Fprojects%3Fx%3D1");
  });

  it("knows addresses", () => {
    expect(serverUrl(" https://roto.studio.example/api/v1/ ")).toBe("https://roto.studio.example");
    for (const wrong of ["farm:8710", "ftp://farm", "http://", "http://me@farm", ""]) {
      expect(() => serverUrl(wrong)).toThrow(/is not a server address/);
    }
  });
});

describe("a call's id", () => {
  const ids = (script: ReturnType<typeof scripted>): string[] =>
    script.sent.map((one) => one.init.headers["X-Request-Id"]!);

  it("is its own, and the same when it is tried again", async () => {
    const script = scripted(new TypeError("gone"), answer({}), answer({}));
    const way = transport(script);
    await way.json("GET", "/x");
    await way.json("GET", "/x");
    const [first, again, other] = ids(script);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it("is in the error: the server's word for it, else ours", async () => {
    const told = scripted(answer({ code: "conflict", request_id: "theirs" }, 409));
    expect((await refused(transport(told).json("POST", "/x"))).requestId).toBe("theirs");
    const page = new Response("<html>", { status: 200 });
    for (const odd of [new TypeError("gone"), page, answer({}, 500)]) {
      const script = scripted(odd);
      expect((await refused(transport(script, 1).json("POST", "/x"))).requestId).toBe(
        ids(script)[0],
      );
    }
  });
});

describe("what comes back", () => {
  it("is an error with the server's words", async () => {
    const body = { code: "path_refused", message: "Not that folder.", hint: "Upload.", detail: {} };
    const error = await refused(transport(scripted(answer(body, 403))).json("POST", "/x"));
    expect(error).toMatchObject({ kind: "path_refused", message: "Not that folder.", status: 403 });
    expect(error.hint).toBe("Upload.");
  });

  it("is grouped by its status where the code is a newer server's", () => {
    expect(kindOf("brand_new", 409)).toBe("conflict");
    expect(kindOf("brand_new", 418)).toBe("input");
    expect(kindOf("brand_new", 500)).toBe("server");
  });

  it("is refused where another program answers", async () => {
    const page = (): Response => new Response("<html>", { status: 200 });
    expect((await refused(transport(scripted(page())).json("GET", "/x"))).kind).toBe("server");
    const text = new Response("<html>", { status: 200, headers: OURS });
    expect((await refused(transport(scripted(text)).json("GET", "/x"))).kind).toBe("server");
  });

  it("is refused where versions are too far apart", async () => {
    const far = answer({}, 200, { "X-Roto-Version": "3.0.0" });
    const error = await refused(transport(scripted(far)).json("GET", "/x"));
    expect(error.kind).toBe("version");
    expect(hintOf(error)).toMatch(/plugin that comes with the server/);
    expect(versionsFit("1.4.0", "1.5.9")).toBe(true);
    for (const wrong of ["1.6", "2.4.0", "", "x.y", "1"]) {
      expect(versionsFit("1.4.0", wrong)).toBe(false);
    }
  });
});

describe("what is tried again", () => {
  const away = (): Error => new TypeError("Failed to fetch");

  it("reading, with growing pauses", async () => {
    const script = scripted(away(), away(), answer({ ok: 1 }));
    expect(await transport(script).json("GET", "/x")).toEqual({ ok: 1 });
    expect(script.pauses).toHaveLength(2);
    expect(script.pauses[1]!).toBeGreaterThan(script.pauses[0]!);
  });

  it("not a POST that might arrive twice", async () => {
    const script = scripted(away(), answer({}));
    expect((await refused(transport(script).json("POST", "/x"))).kind).toBe("unavailable");
    expect(script.sent).toHaveLength(1);
  });

  it("a POST under a key, the same key each time", async () => {
    const script = scripted(away(), answer({ ok: 1 }));
    await transport(script).json("POST", "/x", { body: {}, idempotencyKey: "k1" });
    expect(script.sent.map((one) => one.init.headers["Idempotency-Key"])).toEqual(["k1", "k1"]);
  });

  it("anything the server asks to be repeated, after the pause it names", async () => {
    const busy = answer({ code: "server_unavailable", message: "Busy." }, 503, {
      ...OURS,
      "Retry-After": "7",
    });
    const script = scripted(busy, answer({ ok: 1 }));
    expect(await transport(script).json("POST", "/x")).toEqual({ ok: 1 });
    expect(script.pauses).toEqual([7000]);
    expect([retryAfter("3600"), retryAfter("1e12")]).toEqual([3_600_000, 2 ** 31 - 1]);
    expect(retryAfter("Thu, 01 Jan 2026 00:00:09 GMT", Date.UTC(2026, 0, 1))).toBe(9000);
    expect(retryAfter("soon")).toBeNull();
  });

  it("not when the server asks for more patience than there is", async () => {
    const body = { code: "rate_limited", message: "Too many." };
    const script = scripted(answer(body, 429, { ...OURS, "Retry-After": "30" }));
    const retry = { tries: 4, firstPause: 1, longestPause: 1, longestAsked: 3000 };
    const error = await refused(transport(script).with(retry).json("GET", "/x"));
    expect([error.code, error.kind]).toEqual(["rate_limited", "unavailable"]);
    expect(error.retryAfterMs).toBe(30_000);
    expect(error.asksForPatience).toBe(true);
    expect(hintOf(error)).toMatch(/Wait a moment/);
    expect(script.pauses).toEqual([]);
  });

  it("and who waits is told for what", async () => {
    const body = { code: "maintenance", message: "Back at noon." };
    const rest = answer(body, 503, { ...OURS, "Retry-After": "20" });
    const script = scripted(rest, answer({}));
    const told: unknown[] = [];
    const way = transport(script).with({ tries: 9, firstPause: 1, longestPause: 1 }, (error, ms) =>
      told.push([error.code, error.message, ms]),
    );
    await way.json("POST", "/x");
    expect(told).toEqual([["maintenance", "Back at noon.", 20_000]]);
  });

  it("nothing for ever", async () => {
    const script = scripted(away(), away(), away());
    expect((await refused(transport(script, 3).json("GET", "/x"))).kind).toBe("unavailable");
    expect(script.sent).toHaveLength(3);
  });
});

describe("giving up", () => {
  const hanging: Fetch = (_, init) =>
    new Promise((_resolve, reject) => {
      init.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    });

  it("is told apart from a server that is silent", async () => {
    const options = { server: "http://farm", token: null, fetch: hanging, timeoutMs: 20 };
    const retry = { tries: 1, firstPause: 1, longestPause: 1 };
    const silent = await refused(new Transport({ ...options, retry }).json("GET", "/x"));
    expect(silent.kind).toBe("unavailable");
    expect(silent.message).toMatch(/within 0.02 seconds/);
    const going = new AbortController();
    const slow = new Transport({ ...options, timeoutMs: 60_000 });
    const call = refused(slow.json("GET", "/x", { signal: going.signal }));
    going.abort();
    expect((await call).kind).toBe("stopped");
  });
});

describe("pressed twice", () => {
  it("sends under the same key only while nobody answered", async () => {
    const keys = new Keys();
    const sent: string[] = [];
    const send = (fails?: RotoError) => (key: string) => {
      sent.push(key);
      return fails ? Promise.reject(fails) : Promise.resolve(key);
    };
    const lost = new RotoError("", { kind: "unavailable" });
    const wrong = new RotoError("", { kind: "input" });
    await refused(keys.send({ shot: 1 }, send(lost)));
    await keys.send({ shot: 2 }, send());
    await keys.send({ shot: 1 }, send());
    await keys.send({ shot: 1 }, send());
    await refused(keys.send({ shot: 3 }, send(wrong)));
    await keys.send({ shot: 3 }, send());
    expect(sent[2]).toBe(sent[0]);
    expect(new Set(sent).size).toBe(5);
  });
});

describe("errors for people", () => {
  it("leaves command lines out", () => {
    const told = (kind: "unavailable" | "input", hint: string): string =>
      hintOf(new RotoError("x", { kind, hint }));
    expect(told("unavailable", "Try `roto serve`.")).toMatch(/whoever runs the farm/);
    expect(told("input", "Set ROTO_PATH_MAP.")).toBe("");
    expect(told("input", "Click on it.")).toBe("Click on it.");
    const bug = (status: number): string =>
      hintOf(new RotoError("x", { kind: "server", status, requestId: "ab12", hint: "Look." }));
    expect(bug(500)).toBe("Please report this, with the request's id: ab12.");
    expect(bug(200)).toBe("Look.");
    const signIn = (status: number): string =>
      hintOf(new RotoError("x", { kind: "sign_in", status, hint: "Set ROTO_API_KEY." }));
    expect([signIn(401), signIn(0)]).toEqual(["Sign in again.", "Sign in."]);
  });

  it("names what nobody foresaw, and what a disk refuses", () => {
    expect(asRotoError(new TypeError("x is not a function")).message).toMatch(
      /x is not a function/,
    );
    const full = Object.assign(new Error("no space left"), { code: "ENOSPC" });
    expect(asRotoError(full)).toMatchObject({ code: "storage_failed", kind: "client" });
  });
});

describe("which system this is", () => {
  const platform = "windows" as const;
  const told = async (...versions: string[]): Promise<(string | undefined)[]> => {
    const answers = versions.map((version) => answer({}, 200, { "X-Roto-Version": version }));
    const script = scripted(...answers);
    const way = new Transport({ server: "http://farm", token: "k", fetch: script.fetch, platform });
    for (const _ of versions) {
      await way.json("GET", "/projects");
    }
    return script.sent.map((one) => one.init.headers["X-Roto-Platform"]);
  };

  it("is told to servers that let pages say so", async () => {
    expect(await told("0.2.0", "0.2.0", "0.3.1")).toEqual([undefined, "windows", "windows"]);
  });

  it("is not told to older ones", async () => {
    expect(await told("0.1.9", "0.1.9")).toEqual([undefined, undefined]);
  });

  it("is known to whoever goes the same way", async () => {
    const script = scripted(answer({}), answer({}));
    const way = new Transport({ server: "http://farm", token: "k", fetch: script.fetch, platform });
    await way.json("GET", "/projects");
    await way.with({ tries: 1, firstPause: 1, longestPause: 1 }).json("GET", "/projects");
    expect(script.sent[1]?.init.headers["X-Roto-Platform"]).toBe("windows");
  });
});
