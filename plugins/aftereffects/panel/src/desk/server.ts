/** Signing in and out, and looking for a server that went away until it is there again. */

import { RotoClient } from "../../../client/src/client";
import { beginSignIn, waitForKey } from "../../../client/src/device";
import { asRotoError } from "../../../client/src/errors";
import { checkGoing } from "../../../client/src/retry";
import { serverUrl } from "../../../client/src/transport";
import { PanelError, trouble } from "../errors";
import type { Context } from "./context";
import type { ServerStatus } from "./state";

const SOONEST = 2_000;
const LATEST = 20_000;

export type MakeClient = (server: string, token: string) => RotoClient;

/** The artist's browser, and what it calls this panel. */
export interface Browser {
  /** Shows a page; false where there is no browser. */
  open: (url: string) => boolean;
  name: string;
}

export class Server {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private pause = SOONEST;
  /** The sign-in that waits for the browser, and the page it is about. */
  private signingIn: AbortController | null = null;
  private page = "";

  constructor(
    private readonly context: Context,
    private readonly reached: () => void,
    private readonly browser: Browser,
    private readonly make: MakeClient = (server, token) => new RotoClient(server, token),
  ) {
    context.lost = (error) => this.lost(error);
  }

  /** Tries what was kept; without an address nothing happens. */
  async resume(): Promise<void> {
    const { server, token } = this.context.memory.recall();
    if (server && token) await this.reach(this.make(server, token));
  }

  /**
   * Signs in through the artist's browser. The code is shown until it is approved, refused, too old
   * or stopped; a second call takes the first one's place.
   */
  async signIn(address: string): Promise<void> {
    this.stopSignIn();
    const going = new AbortController();
    this.signingIn = going;
    try {
      await this.byCode(given(address), going.signal);
    } catch (error) {
      // Not complained of: it says nothing of the server that the panel is at.
      this.context.show(error);
    } finally {
      if (this.signingIn === going) this.stopSignIn();
    }
  }

  /** The page that asks for the code once more. */
  openPage(): void {
    if (this.context.state.signIn) this.browser.open(this.page);
  }

  /** Waits no longer for a code to be approved. */
  stopSignIn(): void {
    this.signingIn?.abort();
    this.signingIn = null;
    if (this.context.state.signIn) this.context.store.patch({ signIn: null });
  }

  /** Tries a key and keeps it if the server takes it. */
  async connect(address: string, key: string): Promise<void> {
    this.stopSignIn();
    await this.context.guard(async () => {
      const server = given(address);
      const token = key.trim() || this.keyOf(server);
      if (!token) {
        throw new PanelError("There is no key.", "Sign in with your browser, or give a key.");
      }
      await this.take(server, token);
    });
  }

  signOut(): void {
    this.stopSignIn();
    this.stopLooking();
    this.context.client = null;
    this.context.memory.keep({ token: "" });
    const url = this.context.state.server.url;
    this.context.store.patch({
      server: { status: "signed_out", url, trouble: null },
      shotId: null,
    });
  }

  /** Nothing more is tried: the panel closes. */
  close(): void {
    this.stopSignIn();
    this.stopLooking();
  }

  private async byCode(server: string, signal: AbortSignal): Promise<void> {
    const { transport } = this.make(server, "");
    const code = await beginSignIn(transport, this.browser.name, { signal });
    checkGoing(signal);
    this.page = code.addressWithCode;
    const { userCode, address, ends } = code;
    this.context.store.patch({ notice: null, signIn: { code: userCode, address, ends } });
    this.browser.open(this.page);
    const token = await waitForKey(transport, code, { signal });
    checkGoing(signal);
    await this.take(server, token);
  }

  private async take(server: string, token: string): Promise<void> {
    const client = this.make(server, token);
    await this.reach(client);
    if (this.context.client === client && this.context.state.server.status === "ready") {
      this.context.memory.keep({ server: client.server, token });
    }
  }

  private keyOf(address: string): string {
    const kept = this.context.memory.recall();
    return kept.server === address ? kept.token : "";
  }

  private async reach(client: RotoClient): Promise<void> {
    this.stopLooking();
    this.show("connecting", client.server);
    this.context.client = client;
    try {
      await client.probe();
    } catch (error) {
      if (this.context.client === client) this.lost(error);
      return;
    }
    if (this.context.client !== client) return;
    this.pause = SOONEST;
    this.show("ready", client.server);
    this.reached();
  }

  private lost(error: unknown): void {
    const client = this.context.client;
    if (!client) return;
    const { kind, retryAfterMs } = asRotoError(error);
    const away = kind === "unavailable";
    this.show(away ? "offline" : "refused", client.server, error);
    if (away && this.timer === null) {
      this.timer = setTimeout(() => {
        this.timer = null;
        if (this.context.client === client) void this.reach(client);
      }, Math.max(this.pause, retryAfterMs));
      this.pause = Math.min(LATEST, this.pause * 1.5);
    }
  }

  private show(status: ServerStatus, url: string, error?: unknown): void {
    this.context.store.patch({
      server: { status, url, trouble: error === undefined ? null : trouble(error) },
    });
  }

  private stopLooking(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}

function given(address: string): string {
  if (address.trim() === "") {
    throw new PanelError("There is no address.", "Write it as https://roto.studio.example.");
  }
  return serverUrl(address);
}
