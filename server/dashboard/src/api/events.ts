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
const LOST_AFTER = 2;
/** Nothing tells a page of a line that was cut: the server says something every 20 seconds. */
const SILENCE_MS = 45_000;

/** Listen until the returned function is called. */
export function listen(listener: Listener, open = openSocket): () => void {
  let after: number | null = null;
  let failures = 0;
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let over = false;

  function start(): void {
    leave();
    if (failures < LOST_AFTER) listener.onLine("connecting");
    attend();
    socket = open(after);
    socket.onmessage = (message) => heard(JSON.parse(String(message.data)) as ServerEvent);
    socket.onclose = (closed) => void again(closed.code);
  }

  function heard(event: ServerEvent): void {
    failures = 0;
    attend();
    if (event.kind === "beat") return;
    after = event.seq;
    if (event.kind === "hello") listener.onLine("live");
    else listener.onEvent(event);
  }

  function attend(): void {
    clearTimeout(silence);
    silence = setTimeout(cut, SILENCE_MS);
  }

  async function again(code?: number): Promise<void> {
    clearTimeout(silence);
    if (over) return;
    if (code === POLICY_VIOLATION && ((await listener.onSignedOut()) || over)) return;
    failures += 1;
    const pause = PAUSES[Math.min(failures, PAUSES.length) - 1] ?? 0;
    if (failures >= LOST_AFTER) listener.onLine("lost");
    clearTimeout(timer);
    timer = setTimeout(start, pause * (0.8 + 0.4 * Math.random()));
  }

  // A browser that knows it has no network says so long before the socket does; and to close one that
  // nobody answers takes long.
  function cut(): void {
    failures = Math.max(failures, LOST_AFTER);
    leave();
    void again();
  }

  function leave(): void {
    clearTimeout(timer);
    clearTimeout(silence);
    if (socket) socket.onclose = socket.onmessage = null;
    socket?.close();
  }

  window.addEventListener("offline", cut);
  start();
  return () => {
    over = true;
    window.removeEventListener("offline", cut);
    leave();
  };
}

function openSocket(after: number | null): WebSocket {
  const address = new URL("/api/v1/events", location.href);
  address.protocol = address.protocol.replace("http", "ws");
  address.searchParams.set("beat", "true");
  if (after !== null) address.searchParams.set("after", String(after));
  return new WebSocket(address);
}
