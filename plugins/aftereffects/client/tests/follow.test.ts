/** Following jobs, and fetching files, where things go wrong. */

import { describe, expect, it } from "vitest";
import type { RotoClient } from "../src/client";
import { RotoError } from "../src/errors";
import type { Files } from "../src/files";
import { Follower, jobEnded } from "../src/follow";
import { memoryNotes, storageNotes } from "../src/notes";
import { fetchFiles } from "../src/results";
import { Transport } from "../src/transport";
import type { Job, Output } from "../src/types";
import { Uploader } from "../src/upload";
import { PRODUCT_VERSION } from "../src/version";

const job = (state: string): Job => ({ id: "j", shot_id: "s", state }) as unknown as Job;
const away = new RotoError("away", { kind: "unavailable" });

/** Follows "j" while the server says `answers`, one a look; what was told. */
async function followed(answers: (Job | RotoError)[], until: number): Promise<string[]> {
  const told: string[] = [];
  const client = {
    shot: async () => ({ name: "sh010" }),
    probe: async () => undefined,
    async job() {
      const answer = answers.shift();
      if (!answer || answer instanceof RotoError) {
        throw answer ?? away;
      }
      return answer;
    },
  } as unknown as RotoClient;
  await new Promise<void>((resolve) => {
    const tell = (text: string): void => {
      if (told[told.length - 1] !== text) {
        told.push(text);
      }
      if (told.length >= until) {
        follower.close();
        resolve();
      }
    };
    const follower: Follower = new Follower(
      () => client,
      {
        job: (one, shot) => tell(`${shot} ${one.state}`),
        gone: (id) => tell(`gone ${id}`),
        trouble: (error) => tell(error ? error.kind : "well"),
      },
      { pauseMs: 5 },
    );
    follower.follow(["j"]);
  });
  return told;
}

describe("following", () => {
  it("tells of a job until it has ended, over a server that is away", async () => {
    const answers = [job("queued"), away, away, job("running"), job("succeeded")];
    expect(await followed(answers, 6)).toEqual([
      "sh010 queued",
      "well",
      "unavailable",
      "sh010 running",
      "well",
      "sh010 succeeded",
    ]);
  });

  it("lets go of a job nobody knows", async () => {
    expect(await followed([new RotoError("", { kind: "not_found" })], 2)).toEqual([
      "gone j",
      "well",
    ]);
  });

  it("keeps a job whose answer cannot be read", async () => {
    const odd = new RotoError("odd", { kind: "server" });
    expect(await followed([odd], 2)).toEqual(["server", "well"]);
  });

  it("says that a key is not good any more", async () => {
    expect(await followed([new RotoError("", { kind: "sign_in" })], 1)).toEqual(["sign_in"]);
  });

  it("looks for a server that is lost, jobs or not, and tells nothing once closed", async () => {
    const told: unknown[] = [];
    let probes = 0;
    const client = {
      async probe() {
        probes += 1;
        if (probes < 3) {
          throw away;
        }
      },
    } as unknown as RotoClient;
    await new Promise<void>((resolve) => {
      const follower: Follower = new Follower(
        () => client,
        {
          job: () => undefined,
          gone: () => undefined,
          trouble(error) {
            told.push(error?.kind ?? null);
            if (!error) {
              follower.close();
              resolve();
            }
          },
        },
        { pauseMs: 5 },
      );
      follower.findServer();
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toEqual(["unavailable", "unavailable", null]);
    expect(probes).toBe(3);
  });

  it("ends with the job's own reason", async () => {
    const failed = {
      ...job("failed"),
      error: { code: "disk_full", message: "Full.", hint: "Free." },
    };
    const client = { job: async () => failed } as unknown as RotoClient;
    await expect(jobEnded(client, "j")).rejects.toMatchObject({
      kind: "job",
      code: "disk_full",
      message: "Full.",
      hint: "Free.",
    });
  });
});

/** A disk of its own, as a map. SHA-256 is what the text says it is. */
function disk(): Files & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
  return {
    kept,
    separator: "/",
    facts: async (path) =>
      kept.has(path) ? { size: kept.get(path)!.length, modified: 1, isFolder: false } : null,
    list: async () => [],
    read: async (path, offset, length) =>
      new TextEncoder().encode(kept.get(path)!.slice(offset, offset + length)),
    sha256: async (path) => `sha of ${kept.get(path)}`,
    write: async (path, bytes) => void kept.set(path, text(bytes)),
    async rename(from, to) {
      kept.set(to, kept.get(from)!);
      kept.delete(from);
    },
    remove: async (path) => void kept.delete(path),
    real: async (path) => path,
  };
}

describe("fetching", () => {
  const output = { id: "o", name: "mattes/a.exr", size: 4, sha256: "sha of good" };
  const server = (...bodies: string[]) => {
    let calls = 0;
    const client = {
      async outputBytes() {
        calls += 1;
        return new TextEncoder().encode(bodies.shift());
      },
    } as unknown as RotoClient;
    return { client, calls: () => calls };
  };
  const get = (client: RotoClient, files: Files): Promise<string[]> =>
    fetchFiles(client, "j", [output as unknown as Output], files, "/out");

  it("fetches damaged bytes once more, and not what is there", async () => {
    const files = disk();
    const { client, calls } = server("evil", "good");
    expect(await get(client, files)).toEqual(["/out/mattes/a.exr"]);
    await get(client, files);
    expect([...files.kept]).toEqual([["/out/mattes/a.exr", "good"]]);
    expect(calls()).toBe(2);
  });

  it("leaves nothing behind of what stays damaged", async () => {
    const files = disk();
    await expect(get(server("evil", "baad").client, files)).rejects.toMatchObject({
      kind: "transfer",
    });
    expect(files.kept.size).toBe(0);
  });
});

describe("sending", () => {
  /** A server that keeps what arrives and forgets the answer to the first piece. */
  function sending(lie: boolean) {
    const files = disk();
    files.kept.set("/p/a.1.exr", "0123456789");
    let stored = "";
    let state = "open";
    let calls = 0;
    const told = () => ({
      id: "u",
      state,
      files: [{ name: "a.1.exr", size: 10, sha256: "sha of 0123456789", offset: stored.length }],
    });
    const fetch = async (url: string, init: RequestInit): Promise<Response> => {
      const answer = (body: unknown, status = 200): Response =>
        new Response(JSON.stringify(body), {
          status,
          headers: { "X-Roto-Version": PRODUCT_VERSION },
        });
      if (init.method === "PATCH") {
        calls += 1;
        const at = Number((init.headers as Record<string, string>)["Upload-Offset"]);
        if (at !== stored.length) {
          return answer({ code: "conflict", message: "", detail: { offset: stored.length } }, 409);
        }
        stored += new TextDecoder().decode(init.body as Uint8Array<ArrayBuffer>);
        if (calls === 1) {
          throw new TypeError("Failed to fetch");
        }
        return answer({ offset: stored.length });
      }
      if (url.endsWith("/complete")) {
        if (lie && calls < 6) {
          stored = "";
          return answer({ code: "checksum_mismatch", message: "Damaged." }, 422);
        }
        state = "complete";
      }
      return answer(told());
    };
    const transport = new Transport({
      server: "http://farm",
      token: "k",
      fetch,
      sleep: async () => undefined,
    });
    return {
      uploader: new Uploader(transport, files, memoryNotes(), { piece: 4 }),
      files,
      stored: () => stored,
    };
  }

  it("goes on where an answer was lost, and again after damage", async () => {
    for (const lie of [false, true]) {
      const { uploader, stored } = sending(lie);
      const upload = await uploader.send("p", await uploader.lookAt(["/p/a.1.exr"]));
      expect(upload.state).toBe("complete");
      expect(stored()).toBe("0123456789");
    }
  });

  it("notices a plate that is still being rendered", async () => {
    const { uploader, files } = sending(false);
    const found = await uploader.lookAt(["/p/a.1.exr"]);
    files.kept.set("/p/a.1.exr", "0123456789abc");
    await expect(uploader.send("p", found)).rejects.toMatchObject({ kind: "transfer" });
    await expect(uploader.lookAt(["/p/none.exr"])).rejects.toMatchObject({ code: "missing_frame" });
  });

  it("remembers across damaged notes", () => {
    let text: string | null = "{not json";
    const notes = storageNotes({ getItem: () => text, setItem: (_, now) => void (text = now) });
    expect(notes.get("a")).toEqual({});
    notes.put("a", { uploadId: "u" });
    notes.put("a", { shotId: "s" });
    expect(notes.get("a")).toEqual({ uploadId: "u", shotId: "s" });
    notes.forget("a");
    expect(notes.get("a")).toEqual({});
  });
});
