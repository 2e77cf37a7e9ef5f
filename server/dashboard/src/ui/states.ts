/** What states are called, how they look, and which sign stands for them where colour does not. */

export type Tone = "waiting" | "running" | "good" | "bad" | "held" | "spent";

export interface Look {
  label: string;
  tone: Tone;
  sign: string;
}

export const LOOKS: Record<string, Look> = {
  // Jobs, tasks, attempts
  queued: { label: "Queued", tone: "waiting", sign: "○" },
  blocked: { label: "Blocked", tone: "waiting", sign: "◌" },
  not_run: { label: "Not run", tone: "spent", sign: "–" },
  leased: { label: "Taken", tone: "running", sign: "▷" },
  running: { label: "Running", tone: "running", sign: "▶" },
  publishing: { label: "Publishing", tone: "running", sign: "▶" },
  succeeded: { label: "Done", tone: "good", sign: "✓" },
  works: { label: "Works", tone: "good", sign: "✓" },
  failed: { label: "Failed", tone: "bad", sign: "✕" },
  lost: { label: "Lost", tone: "bad", sign: "?" },
  cancelling: { label: "Cancelling", tone: "spent", sign: "◼" },
  cancelled: { label: "Cancelled", tone: "spent", sign: "◼" },
  // Shots
  ready: { label: "Ready", tone: "good", sign: "✓" },
  probing: { label: "Reading", tone: "running", sign: "▶" },
  invalid: { label: "Unreadable", tone: "bad", sign: "✕" },
  archived: { label: "In the archive", tone: "spent", sign: "▣" },
  // Review
  waiting: { label: "Waiting", tone: "waiting", sign: "○" },
  in_progress: { label: "In progress", tone: "running", sign: "▶" },
  pending_review: { label: "Pending review", tone: "held", sign: "◆" },
  approved: { label: "Approved", tone: "good", sign: "✓" },
  retake: { label: "Retake", tone: "bad", sign: "↺" },
  final: { label: "Final", tone: "good", sign: "★" },
  // People
  active: { label: "Active", tone: "good", sign: "✓" },
  unconfirmed: { label: "Invited", tone: "waiting", sign: "○" },
  deleted: { label: "Forgotten", tone: "spent", sign: "–" },
  // Nodes
  enabled: { label: "Enabled", tone: "good", sign: "✓" },
  draining: { label: "Draining", tone: "held", sign: "◆" },
  disabled: { label: "Disabled", tone: "spent", sign: "◼" },
};

/** The look of a state; one that is newer than this page shows under its own name. */
export function lookOf(state: string): Look {
  return LOOKS[state] ?? { label: state, tone: "waiting", sign: "·" };
}
