import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import { Button } from "./Button";
import styles from "./Dialog.module.css";

interface DialogProps {
  title: string;
  onClose(): void;
  children: ReactNode;
  /** The buttons; Close alone when there are none. */
  actions?: ReactNode;
  wide?: boolean;
  /** While it is, it cannot be closed: who asked is told how it ended. */
  busy?: boolean;
  /** What Enter in a field does, and the button of type submit. */
  onSubmit?(): void;
}

/** A modal dialog: the browser keeps the focus in it, Escape closes it, focus goes back after. */
export function Dialog({ title, onClose, children, actions, wide = false, busy = false, onSubmit }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  // Closed before it is taken out of the page: only then does the browser give the focus back.
  useLayoutEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={wide ? `${styles.dialog} ${styles.wide}` : styles.dialog}
      aria-labelledby={heading}
      // A click beside its fields leaves the focus in it.
      tabIndex={-1}
      onCancel={(event) => {
        event.preventDefault();
        if (!busy) onClose();
      }}
      onKeyDown={(event) => {
        // Of two in a row the browser lets only the first be refused.
        if (busy && event.key === "Escape") event.preventDefault();
      }}
    >
      <h2 id={heading}>{title}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          // A dialog may be shown from inside another form.
          event.stopPropagation();
          onSubmit?.();
        }}
      >
        <div className={styles.body}>{children}</div>
        <div className={styles.actions}>
          {actions ?? (
            <Button onClick={onClose} autoFocus>
              Close
            </Button>
          )}
        </div>
      </form>
    </dialog>
  );
}
