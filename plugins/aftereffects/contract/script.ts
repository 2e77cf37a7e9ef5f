/** The panel's side of the contract: a call as a script, an answer as a value. No CEP in it. */

import type { HostCallName, HostInput, HostProblem, HostValue, Reply } from "./host";

/** A call the host refused, or an answer that was none. */
export class HostError extends Error {
  readonly code: HostProblem["code"];
  readonly hint: string;

  constructor(problem: HostProblem) {
    super(problem.message);
    this.name = "HostError";
    this.code = problem.code;
    this.hint = problem.hint;
  }
}

/**
 * The script of a call. JSON is a literal of ES3 but for three things: two line separators that
 * JSON allows in a text, and a field called `__proto__`.
 */
export function callScript<N extends HostCallName>(name: N, input: HostInput<N>): string {
  const json = JSON.stringify(input, (key, value: unknown) => {
    if (key === "__proto__") {
      throw new TypeError("a field cannot be called __proto__");
    }
    return value;
  });
  return `MegatonRoto.call(${JSON.stringify(name)}, ${asLiteral(json)})`;
}

function asLiteral(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (c) => {
    return "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0");
  });
}

/** What a call answered. Throws HostError. */
export function readReply<N extends HostCallName>(name: N, text: string): HostValue<N> {
  let reply: Reply<HostValue<N>>;
  try {
    reply = JSON.parse(text) as Reply<HostValue<N>>;
  } catch {
    throw new HostError(noAnswer(name, text));
  }
  if (reply.ok) {
    return reply.value;
  }
  throw new HostError(reply.error);
}

function noAnswer(name: string, text: string): HostProblem {
  return {
    code: "failed",
    message: `After Effects did not answer "${name}" (${text || "nothing"}).`,
    hint: "Close After Effects' own dialogs and try again; if it stays so, reopen the panel.",
  };
}
