/** What may be decided of a shot, and the words a retake is sent back with. */

import { may, type May } from "../session/session";

export const REASONS = ["chatter", "edge", "missing part", "wrong object", "holes", "other"] as const;
export type Reason = (typeof REASONS)[number];

export type Decision = "approved" | "retake" | "pending_review" | "final";

export const DECISIONS: Record<Decision, { label: string; done: string; from: readonly string[]; needs: string }> = {
  approved: {
    label: "Approve",
    done: "approved",
    from: ["in_progress", "pending_review", "retake"],
    needs: "review",
  },
  retake: {
    label: "Retake",
    done: "sent back",
    from: ["in_progress", "pending_review", "approved", "final"],
    needs: "review",
  },
  pending_review: {
    label: "Send to review",
    done: "sent to review",
    from: ["waiting", "in_progress", "retake"],
    needs: "edit_shot",
  },
  final: { label: "Final", done: "final", from: ["approved"], needs: "review" },
};

/** The version that is looked at, as far as a decision needs it; null where the shot has none. */
export type Shown = { version: number; state: string } | null;

/** Why it cannot be decided so now; null when it can. Where one may not at all, `hidden`. */
export function hindrance(shot: May & { review?: string }, shown: Shown, decision: Decision): string | null {
  const { from, needs, label } = DECISIONS[decision];
  if (!may(shot, needs)) return "hidden";
  if (!from.includes(shot.review ?? "")) {
    return `${label}: not for a shot that is ${(shot.review ?? "").replace("_", " ")}.`;
  }
  // Also where there is nothing to look at: else a shot that was sent so would wait for ever.
  if (decision === "retake") return null;
  return shown?.state === "succeeded" ? null : `${stateOf(shown)}: nothing to ${VERBS[decision]}.`;
}

const VERBS: Record<Exclude<Decision, "retake">, string> = {
  approved: "approve",
  pending_review: "send to review",
  final: "deliver",
};

function stateOf(shown: Shown): string {
  if (!shown) return "The shot has no version";
  const { version, state } = shown;
  if (state === "failed") return `v${version} failed`;
  return state === "cancelled" ? `v${version} was cancelled` : `v${version} is not done yet`;
}

/** As statistics count it: the reasons, a colon, what is to be done. */
export function retakeWords(reasons: readonly Reason[], text: string): string {
  const words = text.trim();
  const listed = REASONS.filter((one) => reasons.includes(one)).join(", ");
  return words ? `${listed}: ${words}` : listed;
}
