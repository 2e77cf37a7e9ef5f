/** The farm's client: no host, no window system, no page in it. See types.ts for the units. */

export * from "./attention";
export * from "./client";
export * from "./device";
export type * from "./document";
export * from "./edits";
export * from "./errors";
export * from "./files";
export * from "./follow";
export * from "./ids";
export * from "./keys";
export * from "./notes";
export * from "./paths";
export * from "./pieces";
export * from "./plates";
export type { PreviewOptions } from "./previews";
export { checkAgainstShot, checkName, checkRequest, promptEdits, segmentBody } from "./requests";
export * from "./results";
export * from "./retry";
export * from "./submit";
export * from "./transport";
export * from "./types";
export * from "./upload";
export * from "./version";
