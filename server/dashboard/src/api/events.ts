/**
 * What happens on the server, as it happens. A line that is lost is taken up where it was left;
 * whoever listens is told `resync` when events were missed, and then asks for what holds.
 */

export interface ServerEvent {
  seq: number;
  kind: string;
  project_id: string | null;
  payload: Record<string, unknown>;
}

export type Line = "connecting" | "live" | "lost";

interface Listener {
  onEvent(event: ServerEvent): void;
  onLine(line: Line): void;
  /** The sign-in has ended; the line stays closed if this says so. */
  onSignedOut(): Promise<boolean>;
}

const POLICY_VIOLATION = 1008;
const PAUSES = [500, 1000, 2000, 5000, 10_000];
/** Nothing tells a page that a network has gone; a server that hears of us answers. */
const LOST_AFTER = 2;

/** Listen until the returned function is called. */
export function listen(listener: Listener, open = openSocket): () => void {
  let after: number | null = null;
  let failures = 0;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  function start(): void {
    listener.onLine(failures >= LOST_AFTER ? "lost" : "connecting");
    socket = open(after);
    socket.onmessage = (message) => heard(JSON.parse(String(message.data)) as ServerEvent);
    socket.onclose = (closed) => void again(closed.code);
  }

  function heard(event: ServerEvent): void {
    failures = 0;
    after = event.seq;
    if (event.kind === "hello") listener.onLine("live");
    else listener.onEvent(event);
  }

  async function again(code: number): Promise<void> {
    if (over) return;
    if (code === POLICY_VIOLATION && (await listener.onSignedOut())) return;
    failures += 1;
    const pause = PAUSES[Math.min(failures, PAUSES.length) - 1] ?? 0;
    if (failures >= LOST_AFTER) listener.onLine("lost");
    timer = setTimeout(start, pause * (0.8 + 0.4 * Math.random()));
  }

  // A browser that knows it has no network says so long before the socket does.
  function cut(): void {
    failures = Math.max(failures, LOST_AFTER);
    listener.onLine("lost");
    socket?.close();
  }

  window.addEventListener("offline", cut);
  start();
  return () => {
    over = true;
    window.removeEventListener("offline", cut);
    clearTimeout(timer);
    socket?.close();
  };
}

function openSocket(after: number | null): WebSocket {
  const address = new URL("/api/v1/events", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  if (after !== null) address.searchParams.set("after", String(after));
  return new WebSocket(address);
}
