import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Line, listen } from "../../src/api/events";

interface Opened {
  after: number | null;
  closed: boolean;
  onmessage: ((message: { data: string }) => void) | null;
  onclose: ((closed: { code: number }) => void) | null;
}

const MINUTE = 60_000;
let sockets: Opened[];
let lines: Line[];
let told: string[];
let stop: () => void;

/** What the newest socket is sent by the server. */
function says(...messages: object[]): void {
  for (const message of messages) sockets.at(-1)?.onmessage?.({ data: JSON.stringify(message) });
}

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, lines, told] = [[], [], []];
  const open = (after: number | null) => {
    const socket: Opened & { close(): void } = {
      after,
      closed: false,
      onmessage: null,
      onclose: null,
      close: () => {
        socket.closed = true;
      },
    };
    sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  const listener = {
    onEvent: ({ kind }: { kind: string }) => void told.push(kind),
    onLine: (line: Line) => void lines.push(line),
    onSignedOut: async () => false,
  };
  stop = listen(listener, open);
});

afterEach(() => {
  stop();
  vi.useRealTimers();
});

it("a line on which the server beats is live, however quiet it is", async () => {
  says({ kind: "hello", seq: 7 });
  for (let at = 0; at < 10; at += 1) {
    await vi.advanceTimersByTimeAsync(20_000);
    says({ kind: "beat" });
  }
  expect(lines).toEqual(["connecting", "live"]);
  expect(told).toEqual([]);
});

it("a line that was cut without a word is lost, and taken up where it was left", async () => {
  says({ kind: "hello", seq: 7 }, { kind: "job.updated", seq: 9 }, { kind: "beat" });
  await vi.advanceTimersByTimeAsync(44_000);
  expect(lines.at(-1)).toBe("live");
  // The old socket is not waited for: nobody answers its closing.
  await vi.advanceTimersByTimeAsync(5000);
  expect(lines.at(-1)).toBe("lost");
  expect(sockets.map(({ after, closed }) => [after, closed])).toEqual([[null, true], [9, false]]);
  says({ kind: "hello", seq: 9 });
  expect(lines.at(-1)).toBe("live");
});

it("a handshake that nobody answers is given up", async () => {
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(sockets.length).toBe(2);
  expect(lines.at(-1)).toBe("lost");
});

it("each refused handshake says that the line is lost: by it a page asks who is signed in", async () => {
  for (let at = 0; at < 4; at += 1) {
    sockets.at(-1)?.onclose?.({ code: 1006 });
    await vi.advanceTimersByTimeAsync(15_000);
  }
  expect(lines).toEqual(["connecting", "connecting", "lost", "lost", "lost"]);
});

it("who stops listening hears and opens nothing more", async () => {
  sockets[0]?.onclose?.({ code: 1006 });
  stop();
  await vi.advanceTimersByTimeAsync(MINUTE);
  expect(sockets.length).toBe(1);
});
