import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { Shot } from "../api/shots";
import { useShortcuts } from "../app/shortcuts";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { sayRefused } from "../ui/Toasts";
import { type Decision, DECISIONS, hindrance, REASONS, type Reason, retakeWords } from "./decisions";
import styles from "./Decide.module.css";

interface DecideProps {
  shot: Pick<Shot, "id" | "name" | "review" | "may">;
  /** The version that is looked at. */
  jobId: string | null;
  onDecided(decision: Decision): void;
}

const ORDER: readonly Decision[] = ["approved", "retake", "pending_review", "final"];

/** The decisions that who looks may take; one that the shot's state does not allow says so. */
export function Decide({ shot, jobId, onDecided }: DecideProps) {
  const [retaking, setRetaking] = useState(false);
  const queries = useQueryClient();
  const move = useMutation({
    mutationFn: ({ decision, reason = "" }: { decision: Decision; reason?: string }) =>
      data(
        api.POST("/api/v1/shots/{shot_id}/reviews", {
          params: { path: { shot_id: shot.id } },
          body: { before: shot.review ?? "waiting", after: decision, reason, job_id: jobId },
        }),
      ),
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: keys.shot(shot.id) });
      void queries.invalidateQueries({ queryKey: keys.shots });
    },
    onSuccess: (_, { decision }) => onDecided(decision),
  });
  const offered = ORDER.filter((decision) => hindrance(shot, decision) !== "hidden").filter(
    (decision) => decision === "approved" || decision === "retake" || hindrance(shot, decision) === null,
  );

  function decide(decision: Decision): void {
    if (hindrance(shot, decision) !== null || move.isPending) return;
    if (decision === "retake") setRetaking(true);
    else move.mutate({ decision }, { onError: sayRefused });
  }

  useShortcuts("Review", {
    y: { label: "Approve", run: () => decide("approved") },
    x: { label: "Retake", run: () => decide("retake") },
  });
  if (offered.length === 0) return <p className={styles.none}>You may look at this shot, not decide.</p>;
  return (
    <div className={styles.decide} role="group" aria-label="Decision">
      {offered.map((decision) => (
        <Button
          key={decision}
          look={decision === "approved" ? "main" : decision === "retake" ? "danger" : "plain"}
          className={styles.button}
          disabled={hindrance(shot, decision) !== null || move.isPending}
          title={hindrance(shot, decision) ?? undefined}
          onClick={() => decide(decision)}
        >
          {DECISIONS[decision].label}
        </Button>
      ))}
      {retaking && (
        <Retake
          shot={shot.name}
          work={(reason) => move.mutateAsync({ decision: "retake", reason })}
          onClose={() => setRetaking(false)}
        />
      )}
    </div>
  );
}

interface RetakeProps {
  shot: string;
  work(reason: string): Promise<unknown>;
  onClose(): void;
}

function Retake({ shot, work, onClose }: RetakeProps) {
  const [reasons, setReasons] = useState<readonly Reason[]>([]);
  const [text, setText] = useState("");
  const words = text.trim();
  const isSaid = reasons.length > 0 && (words !== "" || !reasons.includes("other"));

  function toggle(reason: Reason): void {
    setReasons(reasons.includes(reason) ? reasons.filter((one) => one !== reason) : [...reasons, reason]);
  }

  return (
    <ConfirmDialog
      title={`Send ${shot} back?`}
      verb="Retake"
      dangerous
      disabled={!isSaid}
      work={() => work(retakeWords(reasons, text))}
      onClose={onClose}
    >
      <fieldset className={styles.reasons}>
        <legend>What is wrong</legend>
        {REASONS.map((reason, index) => (
          <label key={reason}>
            <input
              type="checkbox"
              autoFocus={index === 0}
              checked={reasons.includes(reason)}
              onChange={() => toggle(reason)}
            />
            {reason[0]?.toUpperCase() + reason.slice(1)}
          </label>
        ))}
      </fieldset>
      <label className={styles.words}>
        What is to be done
        <textarea rows={3} maxLength={9000} value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      {reasons.includes("other") && words === "" && <p className={styles.none}>Other: say what.</p>}
    </ConfirmDialog>
  );
}
