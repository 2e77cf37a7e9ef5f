/** Which version is opened: the one that was sent to review, not one that has come since. */

import type { Shot, Version } from "../api/shots";

/** The version that waits for a decision; null when the shot does not, or it is not known. */
export function sentOf(shot: Pick<Shot, "review" | "sent"> | undefined, versions: readonly Version[]): Version | null {
  if (shot?.review !== "pending_review") return null;
  return versions.find(({ id }) => id === shot.sent?.job_id) ?? null;
}

/** "Sent: v1, newer: v2"; null when nothing was sent. `versions`: newest first. */
export function sentWords(sent: Version | null, versions: readonly Version[]): string | null {
  if (!sent) return null;
  const [newest] = versions;
  const newer = newest && newest.version > sent.version ? `, newer: v${newest.version}` : "";
  return `Sent: v${sent.version}${newer}`;
}

/** The newest that is done, else the newest that there is. */
export function newest(versions: readonly Version[]): Version | null {
  return versions.find(({ state }) => state === "succeeded") ?? versions[0] ?? null;
}
