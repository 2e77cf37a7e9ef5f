import { type ReactNode, useState } from "react";
import { problemOf, type Problem } from "../api/problem";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { ProblemBox } from "./ProblemBox";

interface ConfirmProps {
  /** What will be done, as a sentence with its counts: "Cancel 3 jobs?" */
  title: string;
  /** What the button says: the verb, and how many. */
  verb: string;
  children?: ReactNode;
  dangerous?: boolean;
  disabled?: boolean;
  /** What is done; what it refuses is shown, and may be tried again. */
  work(): Promise<unknown>;
  onClose(): void;
}

/** Asks once before something that touches more than one thing, or cannot be taken back. */
export function ConfirmDialog(props: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function confirm(): Promise<void> {
    // A form that is sent by hand asks no button whether it may be pressed.
    if (busy || props.disabled) return;
    setBusy(true);
    setProblem(null);
    try {
      await props.work();
      props.onClose();
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      title={props.title}
      onClose={props.onClose}
      busy={busy}
      onSubmit={() => void confirm()}
      actions={
        <>
          {/* A button that is disabled loses the focus: the dialog's keys would be the page's. */}
          <Button onClick={() => busy || props.onClose()} aria-disabled={busy}>
            Not now
          </Button>
          <Button
            look={props.dangerous ? "danger" : "main"}
            type="submit"
            disabled={props.disabled}
            aria-disabled={busy}
            autoFocus
          >
            {props.verb}
          </Button>
        </>
      }
    >
      {props.children}
      {problem && <ProblemBox problem={problem} />}
    </Dialog>
  );
}
