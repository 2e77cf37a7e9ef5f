import { describe, expect, it } from "vitest";
import { Lines } from "../../src/upload/lines";

/** Work that goes on until it is told to end. */
function works(lines: Lines) {
  const going: string[] = [];
  const ends = new Map<string, () => void>();
  const begin = (name: string, signal?: AbortSignal) =>
    lines.take(() => {
      going.push(name);
      return new Promise<void>((resolve) => ends.set(name, resolve));
    }, signal);
  return { going, begin, end: (name: string) => ends.get(name)?.() };
}

const soon = () => new Promise((resolve) => setTimeout(resolve));

describe("lines", () => {
  it("take no more than there are, in order", async () => {
    const { going, begin, end } = works(new Lines(2));
    const all = ["a", "b", "c", "d"].map((name) => begin(name));
    await soon();
    expect(going).toEqual(["a", "b"]);
    end("b");
    await soon();
    expect(going).toEqual(["a", "b", "c"]);
    end("a");
    end("c");
    await soon();
    end("d");
    await Promise.all(all);
    expect(going).toEqual(["a", "b", "c", "d"]);
  });

  it("are free again after what failed, and pass over what was given up", async () => {
    const lines = new Lines(1);
    const { going, begin, end } = works(lines);
    const first = begin("a");
    const controller = new AbortController();
    const second = begin("b", controller.signal);
    const third = begin("c");
    controller.abort();
    await expect(second).rejects.toThrow();
    end("a");
    await first;
    await soon();
    expect(going).toEqual(["a", "c"]);
    end("c");
    await third;
    await expect(lines.take(() => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await lines.take(async () => 7)).toBe(7);
    await expect(lines.take(async () => 7, controller.signal)).rejects.toThrow();
  });
});
