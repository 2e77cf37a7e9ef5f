/** What goes wrong in words an artist can act on: thrown, and caught where the call came in. */

import type { HostCode, HostProblem } from "../contract/host";

export function problem(code: HostCode, message: string, hint: string): HostProblem {
  return { code: code, message: message, hint: hint };
}

export function isProblem(thrown: unknown): thrown is HostProblem {
  const given = thrown as HostProblem;
  return !!given && typeof given.code === "string" && typeof given.hint === "string";
}

/** Anything thrown, as a problem; After Effects' own errors keep their words and line. */
export function asProblem(thrown: unknown): HostProblem {
  if (isProblem(thrown)) {
    return thrown;
  }
  const error = thrown as { message?: string; line?: number };
  const words = error && error.message ? error.message : String(thrown);
  const line = error && error.line ? " (line " + error.line + ")" : "";
  return problem(
    "failed",
    "After Effects refused: " + words + line,
    "Undo (Ctrl-Z) what was begun and try again; if it stays so, run the self-test in the panel."
  );
}
