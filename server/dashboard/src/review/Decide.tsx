import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Shot, Version } from "../api/shots";
import { useShortcuts } from "../app/shortcuts";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { sayRefused } from "../ui/Toasts";
import { type Decision, DECISIONS, hindrance } from "./decisions";
import styles from "./Decide.module.css";
import { canTakeBack, forget, move, takeBack } from "./moves";
import { bodyOf, draftOf, keepDraft, type NoteDraft } from "./noteDrafts";
import { addNote } from "./noteChanges";
import { Retake } from "./Retake";

interface DecideProps {
  shot: Pick<Shot, "id" | "name" | "review" | "may">;
  /** The version that is looked at. */
  version: Pick<Version, "id" | "version" | "state"> | null;
  /** `undo` puts the shot where it was; null where nothing can. */
  onDecided(decision: Decision, undo: (() => void) | null): void;
}

/** What is decided, on what was seen when it was: an open dialog decides on nothing that comes later. */
interface Deciding {
  decision: Decision;
  review: Shot["review"];
  jobId: string | null;
}

const ORDER: readonly Decision[] = ["approved", "retake", "pending_review", "final"];

/** The decisions that who looks may take; one that the shot or its version does not allow says so. */
export function Decide({ shot, version, onDecided }: DecideProps) {
  const [asking, setAsking] = useState<(Deciding & { draft: NoteDraft | null }) | null>(null);
  const queries = useQueryClient();
  const deciding = useMutation({
    mutationFn: async ({ decision, review, jobId, reason = "" }: Deciding & { reason?: string }) => {
      const draft = draftOf(shot.id);
      if (draft) {
        await addNote(shot.id, bodyOf(draft));
        // Not once more, should the move be refused.
        keepDraft(shot.id, null);
      }
      return move({ ...shot, review }, decision, jobId, reason);
    },
    onSettled: () => forget(queries, shot.id),
    onSuccess: (_, { decision, review, jobId }) => {
      const isUndone = decision === "approved" && canTakeBack(review);
      onDecided(decision, isUndone ? () => void takeBack(queries, shot, review, jobId) : null);
    },
  });
  const why = (decision: Decision) => hindrance(shot, version, decision);
  const offered = ORDER.filter((decision) => why(decision) !== "hidden").filter(
    (decision) =>
      decision === "approved" || decision === "retake" || DECISIONS[decision].from.includes(shot.review ?? ""),
  );
  const empty = version?.state === "succeeded" ? null : offered.map(why).find(Boolean);

  function decide(decision: Decision): void {
    if (why(decision) !== null || deciding.isPending) return;
    const draft = draftOf(shot.id);
    const due = { decision, review: shot.review, jobId: version?.id ?? null };
    if (decision === "retake" || draft) setAsking({ ...due, draft });
    else deciding.mutate(due, { onError: sayRefused });
  }

  useShortcuts("Review", {
    // A key that is held goes on to the next shot: that one nobody has looked at.
    y: { label: "Approve", run: ({ repeat }) => repeat || decide("approved") },
    x: { label: "Retake", run: ({ repeat }) => repeat || decide("retake") },
  });
  if (offered.length === 0) return <p className={styles.none}>You may look at this shot, not decide.</p>;
  return (
    <div className={styles.decide} role="group" aria-label="Decision">
      {offered.map((decision) => (
        <Button
          key={decision}
          look={decision === "approved" ? "main" : decision === "retake" ? "danger" : "plain"}
          className={styles.button}
          disabled={why(decision) !== null || deciding.isPending}
          title={why(decision) ?? undefined}
          onClick={() => decide(decision)}
        >
          {DECISIONS[decision].label}
        </Button>
      ))}
      {empty && <p className={styles.why}>{empty}</p>}
      {asking?.decision === "retake" && (
        <Retake
          shot={shot.name}
          draft={asking.draft}
          work={(reason) => deciding.mutateAsync({ ...asking, reason })}
          onClose={() => setAsking(null)}
        />
      )}
      {asking && asking.decision !== "retake" && (
        <ConfirmDialog
          title="Your note was not added yet"
          verb={`Add it, then ${DECISIONS[asking.decision].label.toLowerCase()}`}
          work={() => deciding.mutateAsync(asking)}
          onClose={() => setAsking(null)}
        >
          <p className={styles.draft}>{asking.draft?.text}</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
