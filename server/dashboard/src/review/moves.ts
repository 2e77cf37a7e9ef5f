/** Moves of a shot from one review state to another, also those that are taken back. */

import type { QueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { ReviewIn } from "../api/schema";
import type { Shot } from "../api/shots";
import { say, sayRefused } from "../ui/Toasts";

type Moved = Pick<Shot, "id" | "name" | "review">;
export type ReviewState = ReviewIn["after"];

export function move(shot: Moved, after: ReviewState, jobId: string | null, reason = "") {
  return data(
    api.POST("/api/v1/shots/{shot_id}/reviews", {
      params: { path: { shot_id: shot.id } },
      body: { before: shot.review ?? "waiting", after, reason, job_id: jobId },
    }),
  );
}

/** After a move, also one that was refused: somebody else may have moved it. */
export function forget(queries: QueryClient, shotId: string): void {
  void queries.invalidateQueries({ queryKey: keys.shot(shotId) });
  void queries.invalidateQueries({ queryKey: keys.shots });
}

/**
 * Whether an approval of a shot that was so is offered to be taken back. Not to a retake: it would
 * need its reason once more, and count twice.
 */
export function canTakeBack(review: string): review is "in_progress" | "pending_review" {
  return review === "in_progress" || review === "pending_review";
}

/** Puts an approved shot where it was; whoever does it may be on another page by then. */
export async function takeBack(
  queries: QueryClient,
  shot: Moved,
  to: "in_progress" | "pending_review",
  jobId: string | null,
): Promise<void> {
  try {
    await move({ ...shot, review: "approved" }, to, jobId);
    say(`${shot.name} is ${to.replace("_", " ")} again.`);
  } catch (error) {
    sayRefused(error);
  } finally {
    forget(queries, shot.id);
  }
}
