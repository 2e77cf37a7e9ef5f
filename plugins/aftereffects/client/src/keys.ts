/**
 * Keys under which work is sent, so that nothing is ever made twice.
 *
 * The server makes one job per key. When no answer came it is not known whether a job was made: the
 * same request pressed again then goes out under the same key, and finds its job.
 */

import { newKey } from "./ids";
import { RotoError } from "./errors";

const MOST = 20;

export class Keys {
  private unsure: { what: string; key: string }[] = [];

  /** Send `what` (anything JSON can hold) under its key: that of its last try, if none answered. */
  async send<T>(what: unknown, send: (key: string) => Promise<T>): Promise<T> {
    const told = JSON.stringify(what);
    const key = this.unsure.find((one) => one.what === told)?.key ?? newKey();
    this.forget(told);
    this.unsure = [...this.unsure.slice(-MOST + 1), { what: told, key }];
    try {
      const answer = await send(key);
      this.forget(told);
      return answer;
    } catch (error) {
      const unheard =
        error instanceof RotoError && (error.kind === "unavailable" || error.kind === "stopped");
      if (!unheard) {
        this.forget(told);
      }
      throw error;
    }
  }

  private forget(what: string): void {
    this.unsure = this.unsure.filter((one) => one.what !== what);
  }
}
