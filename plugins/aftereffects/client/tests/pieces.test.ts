/** Pieces of uploads: what is sent where, several at a time, and what is sent again. */

import { describe, expect, it } from "vitest";

import type { Retry } from "../src/retry";
import { Transport } from "../src/transport";
import type { Upload } from "../src/types";
import { missingPieces, sendPieces, type Sending } from "../src/pieces";
import { PRODUCT_VERSION, VERSION_HEADER } from "../src/version";

const QUICK: Retry = { tries: 6, firstPause: 1, longestPause: 1 };
const STORE = "https://objects.example";

function upload(direct: boolean, pieces: [number, number][] = []): Upload {
  const file = { name: "a.mov", size: 95, sha256: "0".repeat(64), offset: 0, pieces };
  return { id: "u", project_id: "p", state: "open", files: [file], piece_size: 10, direct };
}

interface Seen {
  url: string;
  bytes: number;
  key: string | null;
}

/** A server and a store; `refuse` says how the store answers an address (0: not at all). */
function world(refuse: (url: string) => number = () => 200) {
  const seen: Seen[] = [];
  let signed = 0;
  let [now, most] = [0, 0];
  async function fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const body = init.body;
    const headers = new Headers(init.headers);
    const bytes = body instanceof Uint8Array ? body.length : 0;
    seen.push({ url, bytes, key: headers.get("Authorization") });
    now++;
    most = Math.max(most, now);
    await new Promise((resolve) => setTimeout(resolve, 2));
    now--;
    const ours = { [VERSION_HEADER]: PRODUCT_VERSION };
    if (url.startsWith(STORE)) {
      const status = refuse(url);
      if (status === 0) {
        throw new TypeError("Failed to fetch");
      }
      return new Response("", { status });
    }
    if (url.endsWith("/urls")) {
      const asked = JSON.parse(String(body)) as { pieces: { file: number; number: number }[] };
      signed++;
      const urls = asked.pieces.map((one) => ({
        ...one,
        url: `${STORE}/${one.file}/${one.number}?round=${signed}`,
        headers: { "x-kept": "yes" },
      }));
      return new Response(JSON.stringify({ expires_in: 900, urls }), { status: 200, headers: ours });
    }
    return new Response(null, { status: 204, headers: ours });
  }
  const transport = new Transport({ server: "http://farm", token: "roto_k", fetch, retry: QUICK });
  const done: number[] = [];
  const sending = (what: Upload): Sending => ({
    transport,
    upload: what,
    patience: QUICK,
    read: (piece) => Promise.resolve(new Uint8Array(piece.length)),
    arrived: (bytes) => void done.push(bytes),
  });
  const to = (start: string): Seen[] => seen.filter((one) => one.url.startsWith(start));
  return { sending, done, to, most: () => most };
}

describe("pieces", () => {
  it("are those that have not arrived", () => {
    const missing = missingPieces(upload(false, [[0, 3], [5, 8]])); // prettier-ignore
    expect(missing.map(({ number, offset, length }) => [number, offset, length])).toEqual([
      [4, 40, 10],
      [9, 90, 5],
    ]);
    const whole = upload(false);
    whole.files[0]!.offset = 95;
    expect(missingPieces(whole)).toEqual([]);
  });

  it("go through the server, four at a time", async () => {
    const { sending, done, to, most } = world();
    await sendPieces(sending(upload(false, [[0, 0]])));
    const puts = to("http://farm/api/v1/uploads/u/files/0/pieces/");
    expect(puts).toHaveLength(9);
    expect(puts.reduce((sum, one) => sum + one.bytes, 0)).toBe(85);
    expect(done.at(-1)).toBe(95);
    expect([...done].sort((a, b) => a - b)).toEqual(done);
    expect(most()).toBe(4);
  });

  it("go straight into the store, without the key", async () => {
    const { sending, to } = world();
    await sendPieces(sending(upload(true)));
    expect(to(STORE)).toHaveLength(10);
    expect(to(STORE).every((one) => one.key === null)).toBe(true);
    // One for each that goes at once; the rest come along.
    expect(to("http://farm/api/v1/uploads/u/urls").length).toBeLessThanOrEqual(4);
    expect(to("http://farm/api/v1/uploads/u/files")).toEqual([]);
  });

  it("get a fresh address when one has run out", async () => {
    let late = "";
    const { sending, done, to } = world((url) => {
      late ||= url.includes("/0/3?") ? url : "";
      return url === late ? 403 : 200;
    });
    await sendPieces(sending(upload(true)));
    expect(done.at(-1)).toBe(95);
    const [first, second, ...more] = to(`${STORE}/0/3`).map((one) => one.url);
    expect(second).not.toBe(first);
    expect(more).toEqual([]);
  });

  it("go through the server when the store cannot be reached", async () => {
    const { sending, done, to } = world(() => 0);
    await sendPieces(sending(upload(true)));
    expect(done.at(-1)).toBe(95);
    expect(to("http://farm/api/v1/uploads/u/files/0/pieces/")).toHaveLength(10);
  });

  it("end with what the store refuses for good", async () => {
    const { sending } = world(() => 404);
    await expect(sendPieces(sending(upload(true)))).rejects.toMatchObject({ kind: "transfer" });
  });
});
