/** What went wrong, for the artist: a message that says what, a hint that says what to do. */

import { asRotoError, hintOf, isQuiet, RotoError } from "../../client/src/errors";
import { HostError } from "../../contract/script";

export { isQuiet };

export interface Trouble {
  code: string;
  message: string;
  hint: string;
}

/** Something the artist asked for that cannot be done as asked. */
export class PanelError extends RotoError {
  constructor(message: string, hint = "", code = "panel") {
    super(message, { kind: "input", hint, code });
    this.name = "PanelError";
  }
}

/** Any thrown thing as something that can be shown. */
export function trouble(error: unknown): Trouble {
  if (error instanceof HostError) {
    return { code: error.code, message: error.message, hint: error.hint };
  }
  const known = asRotoError(error);
  return { code: known.code, message: known.message, hint: hintOf(known) };
}
