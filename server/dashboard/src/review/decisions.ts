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

/** Why it cannot be decided so now; null when it can. Where one may not at all, `hidden`. */
export function hindrance(shot: May & { review?: string }, decision: Decision): string | null {
  const { from, needs, label } = DECISIONS[decision];
  if (!may(shot, needs)) return "hidden";
  if (from.includes(shot.review ?? "")) return null;
  return `${label}: not for a shot that is ${(shot.review ?? "").replace("_", " ")}.`;
}

/** As statistics count it: the reasons, a colon, what is to be done. */
export function retakeWords(reasons: readonly Reason[], text: string): string {
  const words = text.trim();
  const listed = REASONS.filter((one) => reasons.includes(one)).join(", ");
  return words ? `${listed}: ${words}` : listed;
}
