import { useEffect, useState } from "react";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { REASONS, type Reason, retakeWords } from "./decisions";
import styles from "./Decide.module.css";
import type { NoteDraft } from "./noteDrafts";

interface RetakeProps {
  shot: string;
  /** A note that was begun: it is added with the decision. */
  draft: NoteDraft | null;
  work(reason: string): Promise<unknown>;
  onClose(): void;
}

/** Why a shot goes back: reasons that are counted (also by their numbers), and what is to be done. */
export function Retake({ shot, draft, work, onClose }: RetakeProps) {
  const [reasons, setReasons] = useState<readonly Reason[]>([]);
  const [text, setText] = useState("");
  const lack = lackOf(reasons, text);

  useEffect(() => {
    function press(event: KeyboardEvent): void {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        if (event.target instanceof Element) event.target.closest("form")?.requestSubmit();
        event.preventDefault();
        return;
      }
      const reason = REASONS[Number(event.key) - 1];
      if (!reason || event.target instanceof HTMLTextAreaElement) return;
      event.preventDefault();
      setReasons((before) => toggled(before, reason));
    }
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);

  return (
    <ConfirmDialog
      title={`Send ${shot} back?`}
      verb="Retake"
      dangerous
      disabled={lack !== null}
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
              aria-keyshortcuts={String(index + 1)}
              checked={reasons.includes(reason)}
              onChange={() => setReasons(toggled(reasons, reason))}
            />
            {reason[0]?.toUpperCase() + reason.slice(1)}
            <kbd aria-hidden="true">{index + 1}</kbd>
          </label>
        ))}
      </fieldset>
      <label className={styles.words}>
        What is to be done
        <textarea rows={3} maxLength={9000} value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      {draft && (
        <>
          <p>The note you have begun is added too:</p>
          <p className={styles.draft}>{draft.text}</p>
        </>
      )}
      <p className={styles.none} role="status">
        {lack ?? "Ctrl+Enter sends it back."}
      </p>
    </ConfirmDialog>
  );
}

/** What is not said yet; null when the shot can go back. */
export function lackOf(reasons: readonly Reason[], text: string): string | null {
  if (reasons.length === 0) return "Tick what is wrong: one reason at least.";
  return reasons.includes("other") && text.trim() === "" ? "Other: say what." : null;
}

function toggled(reasons: readonly Reason[], reason: Reason): readonly Reason[] {
  return reasons.includes(reason) ? reasons.filter((one) => one !== reason) : [...reasons, reason];
}
