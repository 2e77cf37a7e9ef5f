import { beforeEach, describe, expect, it, vi } from "vitest";
import { pageTransport } from "../../src/upload/transport";

const ANSWER = { status: 200, headers: { "X-Roto-Version": "0.2.0" } };

describe("our client's way from this page", () => {
  const asked: { url: string; headers: Headers }[] = [];

  beforeEach(() => {
    asked.length = 0;
    vi.stubGlobal("fetch", async (input: Request | string, init?: RequestInit) => {
      const request = input instanceof Request ? input : new Request(input, init);
      asked.push({ url: request.url, headers: request.headers });
      return new Response("{}", ANSWER);
    });
  });

  it("is signed in by cookie and says that a page of the server asks", async () => {
    await pageTransport("http://roto.test").json("GET", "/uploads/1");
    expect(asked[0]?.url).toBe("http://roto.test/api/v1/uploads/1");
    expect(asked[0]?.headers.get("X-Roto-CSRF")).toBe("1");
    expect(asked[0]?.headers.has("Authorization")).toBe(false);
  });

  it("tells a bucket nothing of that", async () => {
    await pageTransport("http://roto.test").putElsewhere("http://bucket.test/key", new Uint8Array(3), {});
    expect(asked[0]?.url).toBe("http://bucket.test/key");
    expect(asked[0]?.headers.has("X-Roto-CSRF")).toBe(false);
  });
});
