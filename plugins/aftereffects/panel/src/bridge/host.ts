/** After Effects as the panel sees it. CEP is behind this; UXP can be put behind it as well. */

import type { HostCallName, HostInput, HostValue } from "../../../contract/host";
import { callScript, readReply } from "../../../contract/script";
import { ScriptQueue, type Adobe } from "./cep";

/** Throws HostError: what After Effects will not do, and what to do about it. */
export interface Host {
  call<N extends HostCallName>(name: N, input: HostInput<N>): Promise<HostValue<N>>;
}

export class CepHost implements Host {
  private readonly queue: ScriptQueue;

  constructor(adobe: Pick<Adobe, "evalScript">) {
    this.queue = new ScriptQueue(adobe);
  }

  async call<N extends HostCallName>(name: N, input: HostInput<N>): Promise<HostValue<N>> {
    return readReply(name, await this.queue.run(callScript(name, input)));
  }
}
