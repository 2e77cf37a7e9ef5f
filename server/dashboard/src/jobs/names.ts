import type { JobKind, Priority } from "./filters";

export const KIND_NAMES: Record<JobKind, string> = {
  roto: "Roto",
  export: "Export",
  publish: "Publish",
  ingest: "Ingest",
  scenes: "Cuts",
};

export const PRIORITY_NAMES: Record<Priority, string> = { high: "High", normal: "Normal", low: "Low" };
/** What stands before it, so that it is not told by colour alone. */
export const PRIORITY_SIGNS: Record<string, string> = { high: "▲", normal: "", low: "▽" };
