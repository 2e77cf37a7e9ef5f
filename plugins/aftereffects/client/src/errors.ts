/**
 * Everything the client throws on purpose is a `RotoError`: what is wrong, and what to do about it.
 *
 * `code` is the server's own word; `kind` groups codes for programs:
 *
 * | kind | what it says |
 * |---|---|
 * | input | what was asked cannot be done as asked: change it |
 * | plate | the plate itself: frames missing, unreadable, not ready |
 * | transfer | bytes arrived damaged, or are too many |
 * | access | the key is not good for this |
 * | sign_in | no key, or one the server does not accept (any more) |
 * | pending | nobody has answered in the browser yet: ask again, not too soon |
 * | expired | the link or code is too old, or was used: begin again |
 * | path_refused | the plate's folder is not open to this project: upload instead |
 * | not_found, conflict | no such thing; its state does not allow it |
 * | superseded | a newer preview took this one's place: nothing to show |
 * | version | client and server are too far apart |
 * | farm | something broke on a worker |
 * | server | a bug over there: report it with the request id |
 * | unavailable | nothing answers, or not now: try again later |
 * | job | a job ended without a result |
 * | stopped | the caller gave up: nothing to show |
 * | client | a bug here, or a disk that refuses |
 */
export type ErrorKind =
  | "input"
  | "plate"
  | "transfer"
  | "access"
  | "sign_in"
  | "pending"
  | "expired"
  | "path_refused"
  | "not_found"
  | "conflict"
  | "superseded"
  | "version"
  | "farm"
  | "server"
  | "unavailable"
  | "job"
  | "stopped"
  | "client";

export interface ErrorParts {
  kind?: ErrorKind;
  code?: string;
  hint?: string;
  detail?: Record<string, unknown>;
  /** HTTP status, 0 when nothing answered. */
  status?: number;
  requestId?: string;
  jobId?: string;
}

export class RotoError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string;
  readonly detail: Record<string, unknown>;
  readonly status: number;
  readonly requestId: string;
  readonly jobId: string;

  constructor(message: string, parts: ErrorParts = {}) {
    super(message);
    this.name = "RotoError";
    const code = parts.code ?? "";
    this.kind = parts.kind ?? kindOf(code, parts.status ?? 0);
    this.code = code || CODE_OF_KIND[this.kind];
    this.hint = parts.hint ?? "";
    this.detail = parts.detail ?? {};
    this.status = parts.status ?? 0;
    this.requestId = parts.requestId ?? "";
    this.jobId = parts.jobId ?? "";
  }

  /** How long the server asks to be left alone; 0 if it does not. */
  get retryAfterMs(): number {
    const asked = this.detail["retry_after_ms"];
    return typeof asked === "number" ? asked : 0;
  }

  /** Whether the server is there and takes us, only not right now. */
  get asksForPatience(): boolean {
    return this.code === "maintenance" || this.code === "rate_limited";
  }
}

const KINDS: Record<string, ErrorKind> = {
  bad_request: "input",
  bad_document: "input",
  bad_prompt: "input",
  bad_range: "input",
  bad_template: "input",
  weak_password: "input",
  no_objects: "input",
  prompt_outside_plate: "input",
  prompt_outside_range: "input",
  range_outside_plate: "input",
  unknown_model: "input",
  unknown_format: "input",
  missing_frame: "plate",
  bad_plate: "plate",
  unsupported_plate: "plate",
  plate_not_ready: "plate",
  bad_colorspace: "plate",
  bad_matte: "plate",
  too_large: "transfer",
  checksum_mismatch: "transfer",
  unauthorized: "sign_in",
  bad_credentials: "sign_in",
  email_unconfirmed: "access",
  account_disabled: "access",
  access_denied: "access",
  authorization_pending: "pending",
  slow_down: "pending",
  link_expired: "expired",
  forbidden: "access",
  path_refused: "path_refused",
  not_found: "not_found",
  method_not_allowed: "not_found",
  conflict: "conflict",
  not_claimable: "conflict",
  stale_attempt: "conflict",
  superseded: "superseded",
  version_mismatch: "version",
  disk_full: "farm",
  out_of_memory: "farm",
  worker_lost: "farm",
  preview_expired: "farm",
  engine_failed: "farm",
  empty_result: "farm",
  checkpoint_invalid: "farm",
  storage_failed: "farm",
  server_unavailable: "unavailable",
  maintenance: "unavailable",
  rate_limited: "unavailable",
  internal: "server",
};

const KIND_OF_STATUS: Record<number, ErrorKind> = {
  401: "sign_in",
  403: "access",
  404: "not_found",
  405: "not_found",
  409: "conflict",
  410: "expired",
  413: "transfer",
  426: "version",
  429: "unavailable",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/** The code of an error made here, where the server named none. */
const CODE_OF_KIND: Record<ErrorKind, string> = {
  input: "bad_request",
  plate: "bad_plate",
  transfer: "checksum_mismatch",
  access: "forbidden",
  sign_in: "unauthorized",
  pending: "authorization_pending",
  expired: "link_expired",
  path_refused: "path_refused",
  not_found: "not_found",
  conflict: "conflict",
  superseded: "superseded",
  version: "version_mismatch",
  farm: "engine_failed",
  server: "internal",
  unavailable: "server_unavailable",
  job: "engine_failed",
  stopped: "conflict",
  client: "internal",
};

/** A code this build does not know (a newer server's) is grouped by its HTTP status. */
export function kindOf(code: string, status: number): ErrorKind {
  const known = KINDS[code] ?? KIND_OF_STATUS[status];
  if (known) {
    return known;
  }
  if (status === 0) {
    return "client";
  }
  return status >= 400 && status < 500 ? "input" : "server";
}

/** The error for a `{code, message, hint, detail, request_id}` body of the server. */
export function errorFrom(body: unknown, status = 0, requestId = ""): RotoError {
  const told = isObject(body) ? body : {};
  const detail = told["detail"];
  const message = text(told["message"]) || `The server answered ${status} without saying why.`;
  return new RotoError(message, {
    code: text(told["code"]),
    hint: text(told["hint"]),
    detail: isObject(detail) ? detail : detail ? { detail } : {},
    status,
    requestId: text(told["request_id"]) || requestId,
  });
}

/** Whatever was thrown, as one of ours; what nobody foresaw keeps its own message. */
export function asRotoError(error: unknown): RotoError {
  if (error instanceof RotoError) {
    return error;
  }
  const said = error instanceof Error ? error.message : String(error);
  const code = isObject(error) ? text(error["code"]) : "";
  if (/^E[A-Z]+$/.test(code)) {
    return new RotoError(`${said}.`, {
      kind: "client",
      code: "storage_failed",
      hint: "Check that the folder exists, is writable and has room.",
    });
  }
  return new RotoError(`Something unexpected happened: ${said}`, {
    kind: "client",
    hint: "Please report this; the panel's console has the details.",
  });
}

/** Whether an artist need not hear of it: somebody gave up, or asked again. */
export function isQuiet(error: unknown): boolean {
  return error instanceof RotoError && (error.kind === "stopped" || error.kind === "superseded");
}

const COMMAND = /`roto|(^|\s)`?--[a-z]|ROTO_[A-Z]+|HTTPS?_PROXY|Authorization/;

const HINTS: Partial<Record<ErrorKind, string>> = {
  expired: "Sign in again.",
  version: "Install the plugin that comes with the server, then restart.",
  unavailable:
    "Jobs at the farm go on. Try again in a minute; if it stays so, check the address and tell " +
    "whoever runs the farm.",
  path_refused:
    "Have the plate uploaded, or ask the farm's administrator to open its folder to this project.",
  job: "The job's log shows what the worker wrote.",
  conflict: "Choose another name or folder, or none.",
};

/** What an artist can do about it: the server's hint, unless it speaks of command lines. */
export function hintOf(error: RotoError): string {
  if (error.kind === "sign_in") {
    // An answer of the server's: there was a key, which has expired, or was taken back.
    return error.status ? "Sign in again." : "Sign in.";
  }
  if (error.kind === "server" && error.status >= 500) {
    return `Please report this, with the request's id: ${error.requestId}.`;
  }
  if (error.hint && error.kind !== "version" && !COMMAND.test(error.hint)) {
    return error.hint;
  }
  if (error.asksForPatience) {
    return error.code === "maintenance"
      ? "Jobs at the farm go on. Try again when it is over."
      : "Wait a moment, then try again.";
  }
  return HINTS[error.kind] ?? "";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
