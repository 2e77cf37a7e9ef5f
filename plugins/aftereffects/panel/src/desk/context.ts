/**
 * What the parts of the desk share: state, After Effects, the way to the server, and how to
 * complain.
 */

import type { RotoClient } from "../../../client/src/client";
import { asRotoError } from "../../../client/src/errors";
import type { Host } from "../bridge/host";
import { isQuiet, PanelError, trouble } from "../errors";
import type { Store } from "../store";
import type { Memory } from "./memory";
import type { PanelState } from "./state";

/** Node's files as far as the panel reads and makes some itself; null in an ordinary browser. */
export interface LocalFiles {
  /** The bytes of a file. Rejects while it is not there. */
  read(path: string): Promise<Uint8Array>;
  /** Where results of the farm are kept, when the project has no folder of its own. */
  home: string;
  join(first: string, ...rest: string[]): string;
}

export class Context {
  client: RotoClient | null = null;
  private going: AbortController | null = null;

  constructor(
    readonly store: Store<PanelState>,
    readonly host: Host,
    readonly memory: Memory,
    readonly files: LocalFiles | null,
    /** Told when a call shows that the server is away, or does not want the key. */
    public lost: (error: unknown) => void = () => undefined,
  ) {}

  get state(): PanelState {
    return this.store.get();
  }

  /** The way to the farm. Throws PanelError while there is none. */
  get farm(): RotoClient {
    if (this.client && this.state.server.status !== "signed_out") return this.client;
    throw new PanelError(
      "The farm is not connected.",
      "Give its address, then sign in.",
    );
  }

  note(message: string, hint = ""): void {
    this.store.patch({ notice: { level: "note", message, hint } });
  }

  /** Shows an error, unless it is none to the artist; and sees what it says of the server. */
  complain(error: unknown): void {
    if (isQuiet(error)) return;
    const { kind, asksForPatience } = asRotoError(error);
    const away = kind === "unavailable" && !asksForPatience;
    if (away || kind === "sign_in" || kind === "version") this.lost(error);
    this.show(error);
  }

  /** Shows an error, whatever it says of a server. */
  show(error: unknown): void {
    if (isQuiet(error)) return;
    const told = trouble(error);
    this.store.patch({ notice: { level: "error", message: told.message, hint: told.hint } });
  }

  /** Does something and shows what goes wrong; whether all went well. */
  async guard(work: () => Promise<void> | void): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      this.complain(error);
      return false;
    }
  }

  /**
   * One long piece of work, shown with a bar and a way to stop it; a second one meanwhile is
   * refused, for its answer would find other masks than the first left.
   */
  async busy(text: string, work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    if (this.going) {
      this.note("Something is still being done.", "Wait for it, or stop it.");
      return false;
    }
    const going = new AbortController();
    this.going = going;
    this.store.patch({ notice: null, busy: { text, fraction: null, stop: () => going.abort() } });
    try {
      return await this.guard(() => work(going.signal));
    } finally {
      this.going = null;
      this.store.patch({ busy: null });
    }
  }

  /** How far the work in hand is. */
  doing(text: string, fraction: number | null = null): void {
    const busy = this.state.busy;
    if (busy) this.store.patch({ busy: { ...busy, text, fraction } });
  }
}
