/** Which version is opened: the one that was sent to review, not one that has come since. */

import type { Review, Shot, Version } from "../api/shots";

type Judged = Pick<Shot, "review" | "sent">;

/**
 * The version that waits for a decision, was approved or delivered; null when there is none, or it is
 * not known. `moves`: newest first; one that names no version was about what had been sent.
 */
export function judgedOf(
  shot: Judged | undefined,
  moves: readonly Pick<Review, "after" | "job_id">[],
  versions: readonly Version[],
): Version | null {
  if (!shot || !(shot.review in LABELS)) return null;
  const named = shot.review === "pending_review" ? null : moves.find(({ after }) => after === shot.review)?.job_id;
  return versions.find(({ id }) => id === (named ?? shot.sent?.job_id)) ?? null;
}

const LABELS: Record<string, string> = { pending_review: "Sent", approved: "Approved", final: "Final" };

/** "Sent: v1, newer: v2"; null when there is nothing to tell. Of `versions`, newest first, those that are done count. */
export function judgedWords(
  { review }: Pick<Shot, "review">,
  judged: Version | null,
  versions: readonly Version[],
): string | null {
  if (!judged) return null;
  const done = versions.find(({ state }) => state === "succeeded");
  const newer = done && done.version > judged.version ? `, newer: v${done.version}` : "";
  return `${LABELS[review]}: v${judged.version}${newer}`;
}

/** The newest that is done, else the newest that there is. */
export function newest(versions: readonly Version[]): Version | null {
  return versions.find(({ state }) => state === "succeeded") ?? versions[0] ?? null;
}
