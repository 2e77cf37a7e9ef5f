import type { JobKind, Priority, Submitted } from "./filters";

export const KIND_NAMES: Record<JobKind, string> = {
  roto: "Roto",
  export: "Export",
  publish: "Publish",
  ingest: "Ingest",
  scenes: "Cuts",
};

export const PRIORITY_NAMES: Record<Priority, string> = { high: "High", normal: "Normal", low: "Low" };
export const SUBMITTED_NAMES: Record<Submitted, string> = {
  today: "Today",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
};
/** What stands before it, so that it is not told by colour alone. */
export const PRIORITY_SIGNS: Record<string, string> = { high: "▲", normal: "", low: "▽" };
