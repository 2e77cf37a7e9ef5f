/** What the server refused, or why it could not be asked: one shape for people to read. */

export interface Told {
  code?: string;
  message?: string;
  hint?: string;
  request_id?: string;
  detail?: Record<string, unknown>;
}

export class Problem extends Error {
  /** The server's stable error code; `unreachable` where nothing answered. */
  readonly code: string;
  /** What to do about it; may be empty. */
  readonly hint: string;
  readonly requestId: string;
  readonly detail: Record<string, unknown>;

  constructor(
    /** The HTTP status; 0 where nothing answered. */
    readonly status: number,
    told: Told,
  ) {
    super(told.message || `The server answered ${status}.`);
    this.name = "Problem";
    this.code = told.code ?? "";
    this.hint = told.hint ?? "";
    this.requestId = told.request_id ?? "";
    this.detail = told.detail ?? {};
  }

  /** Nothing answered; what only reads is asked again by the page, the rest by who wanted it. */
  static unreachable(reads: boolean): Problem {
    return new Problem(0, {
      code: "unreachable",
      message: "The server cannot be reached.",
      hint: reads
        ? "What you see may be old. It is tried again by itself."
        : "Wait until this page says Live again, then do it again.",
    });
  }
}

/** Whether asking again can help: nothing answered, or the server was busy. */
export function mayPass(thrown: unknown): boolean {
  return thrown instanceof Problem && [0, 429, 502, 503, 504].includes(thrown.status);
}

/** Whatever was thrown, as something to show. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new Problem(0, {
    code: "page",
    message: "This page has made a mistake.",
    hint: `Reload it; if that does not help, tell your administrator: ${message}`,
  });
}
