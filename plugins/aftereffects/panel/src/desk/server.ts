/** Signing in and out, and looking for a server that went away until it is there again. */

import { RotoClient } from "../../../client/src/client";
import { asRotoError } from "../../../client/src/errors";
import { serverUrl } from "../../../client/src/transport";
import { PanelError, trouble } from "../errors";
import type { Context } from "./context";
import type { ServerStatus } from "./state";

const SOONEST = 2_000;
const LATEST = 20_000;

export type MakeClient = (server: string, token: string) => RotoClient;

export class Server {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private pause = SOONEST;

  constructor(
    private readonly context: Context,
    private readonly reached: () => void,
    private readonly make: MakeClient = (server, token) => new RotoClient(server, token),
  ) {
    context.lost = (error) => this.lost(error);
  }

  /** Tries what was kept; without an address nothing happens. */
  async resume(): Promise<void> {
    const { server, token } = this.context.memory.recall();
    if (server && token) await this.reach(this.make(server, token));
  }

  /** Tries a key and keeps it if the server takes it. */
  async connect(address: string, key: string): Promise<void> {
    await this.context.guard(async () => {
      if (address.trim() === "") {
        throw new PanelError("There is no address.", "Write it as http://host:8710.");
      }
      const token = key.trim() || this.keyOf(serverUrl(address));
      if (!token) {
        throw new PanelError("There is no key.", "Your studio's administrator makes one for you.");
      }
      const client = this.make(serverUrl(address), token);
      await this.reach(client);
      if (this.context.state.server.status === "ready") {
        this.context.memory.keep({ server: client.server, token });
      }
    });
  }

  signOut(): void {
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
    this.stopLooking();
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
    const away = asRotoError(error).kind === "unavailable";
    this.show(away ? "offline" : "refused", client.server, error);
    if (away && this.timer === null) {
      this.timer = setTimeout(() => {
        this.timer = null;
        if (this.context.client === client) void this.reach(client);
      }, this.pause);
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
