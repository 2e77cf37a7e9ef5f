import { describe, expect, it } from "vitest";
import { mayPass, Problem } from "../../src/api/problem";
import { aheadIn, Pictures, Room, roomOf, soonNeeded } from "../../src/review/pictures";

class Fake {
  width = 10;
  height = 10;
  closed = false;
  constructor(readonly address: string) {}
  close() {
    this.closed = true;
  }
}

function loading() {
  const waiting = new Map<string, { done(): void; fail(status?: number): void }>();
  const aborted: string[] = [];
  const load = (address: string, signal: AbortSignal) =>
    new Promise<Fake>((resolve, reject) => {
      signal.addEventListener("abort", () => {
        aborted.push(address);
        reject(new Error("aborted"));
      });
      const fail = (status = 404) => reject(new Problem(status, {}));
      waiting.set(address, { done: () => resolve(new Fake(address)), fail });
    });
  const come = async (...addresses: string[]) => {
    for (const address of addresses) waiting.get(address)?.done();
    await new Promise((resolve) => setTimeout(resolve));
  };
  return { load, waiting, aborted, come };
}

describe("pictures", () => {
  it("are asked for once, the urgent first, few at a time", async () => {
    const { load, waiting, come } = loading();
    const pictures = new Pictures(load, { room: new Room(1e6), parallel: 2 });
    pictures.want(["a", "b", "c"]);
    pictures.want(["a", "b", "c"]);
    expect([...waiting.keys()]).toEqual(["a", "b"]);
    await come("a");
    expect([...waiting.keys()]).toEqual(["a", "b", "c"]);
    expect(pictures.get("a")?.address).toBe("a");
  });

  it("that nobody wants any more are given up", async () => {
    const { load, aborted, come } = loading();
    const pictures = new Pictures(load, { room: new Room(1e6), parallel: 2 });
    pictures.want(["a", "b"]);
    pictures.want(["b", "c"]);
    await come("b", "c");
    expect(aborted).toEqual(["a"]);
    expect(pictures.isSettled("a")).toBe(false);
  });

  it("that the server does not have are not asked for again until told to", async () => {
    const { load, waiting, come } = loading();
    const pictures = new Pictures(load, { room: new Room(1e6), parallel: 2 });
    pictures.want(["a"]);
    waiting.get("a")?.fail();
    await come();
    expect(pictures.isSettled("a")).toBe(true);
    expect(pictures.get("a")).toBeUndefined();
    pictures.retry();
    await come("a");
    expect(pictures.get("a")?.address).toBe("a");
  });

  it("that only could not be reached are waited for, and asked for again", async () => {
    const { load, waiting, come } = loading();
    const pictures = new Pictures(load, { room: new Room(1e6), parallel: 2 });
    pictures.want(["a", "b"]);
    waiting.get("a")?.fail(0);
    waiting.get("b")?.fail(404);
    await come();
    expect([pictures.isSettled("a"), pictures.isSettled("b")]).toEqual([false, true]);
    expect([pictures.whyNot("a"), pictures.whyNot("b")]).toMatchObject([{ status: 0 }, { status: 404 }]);
    waiting.clear();
    pictures.retry(mayPass);
    expect([...waiting.keys()]).toEqual(["a"]);
    await come("a");
    expect(pictures.get("a")?.address).toBe("a");
    expect(pictures.whyNot("a")).toBeUndefined();
  });

  it("that were not looked at for longest are dropped, never those wanted", async () => {
    const { load, come } = loading();
    const pictures = new Pictures(load, { room: new Room(800), parallel: 9 });
    pictures.want(["a", "b"]);
    await come("a", "b");
    const first = pictures.get("a");
    pictures.want(["c"]);
    await come("c");
    expect(pictures.get("b")).toBeUndefined();
    expect(first?.closed).toBe(false);
    pictures.clear();
    expect(first?.closed).toBe(true);
  });

  it("of several keepers share a room: who has the one not looked at for longest gives it up", async () => {
    const room = new Room(1200);
    const [plates, mattes] = [loading(), loading()];
    const one = new Pictures(plates.load, { room, parallel: 9 });
    const other = new Pictures(mattes.load, { room, parallel: 9 });
    one.want(["p1", "p2"]);
    await plates.come("p1", "p2");
    other.want(["m1"]);
    await mattes.come("m1");
    expect(room.bytes).toBe(1200);
    one.get("p1");
    one.want([]);
    other.want(["m2"]);
    await mattes.come("m2");
    expect(one.get("p2")).toBeUndefined();
    expect(other.isSettled("m1")).toBe(true);
    expect(room.bytes).toBe(1200);
    other.clear();
    expect(room.bytes).toBe(400);
  });

  it("have as much room as the device has memory for", () => {
    const mib = (gib?: number) => roomOf(gib) / 2 ** 20;
    expect([mib(0.5), mib(4), mib(8), mib(64), mib()]).toEqual([192, 256, 512, 768, 384]);
    expect(aheadIn(1000, 10, 24)).toBe(24);
    expect(aheadIn(1000, 50, 24)).toBe(11);
    expect(aheadIn(10, 50, 24)).toBe(4);
  });

  it("needed soon are those ahead, around the loop, and a few behind", () => {
    expect(soonNeeded(1009, 1, [1001, 1010], 4)).toEqual([1009, 1010, 1001, 1002, 1003, 1008, 1007, 1006]);
    expect(soonNeeded(1002, -1, [1001, 1004], 9)).toEqual([1002, 1001, 1004, 1003]);
  });
});
