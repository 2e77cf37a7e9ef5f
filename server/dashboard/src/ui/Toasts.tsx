import { create } from "zustand";
import { problemOf } from "../api/problem";
import { Button } from "./Button";
import styles from "./Toasts.module.css";

interface Toast {
  id: number;
  text: string;
  hint: string;
  bad: boolean;
  action: ToastAction | null;
}

/** What may be done about what was told, while it is shown. */
export interface ToastAction {
  label: string;
  run(): void;
}

interface Toasts {
  shown: Toast[];
  show(text: string, hint?: string, bad?: boolean, action?: ToastAction | null): void;
  dismiss(id: number): void;
}

const STAYS = 6000;
/** Long enough to read it, to see that it was wrong and to reach the button. */
const STAYS_WITH_ACTION = 15_000;
let last = 0;

export const useToasts = create<Toasts>((set) => ({
  shown: [],
  show(text, hint = "", bad = false, action = null) {
    last += 1;
    const toast = { id: last, text, hint, bad, action };
    set((state) => ({ shown: [...state.shown.slice(-3), toast] }));
    // What went wrong stays until it was read.
    const stays = action ? STAYS_WITH_ACTION : STAYS;
    if (!bad) setTimeout(() => useToasts.getState().dismiss(toast.id), stays);
  },
  dismiss(id) {
    set((state) => ({ shown: state.shown.filter((toast) => toast.id !== id) }));
  },
}));

/** Tell shortly what was done, and let it be undone where that can be. */
export function say(text: string, action: ToastAction | null = null): void {
  useToasts.getState().show(text, "", false, action);
}

/** Tell what was refused, where there is no better place for it. */
export function sayRefused(error: unknown): void {
  const problem = problemOf(error);
  useToasts.getState().show(problem.message, problem.hint, true);
}

export function ToastShelf() {
  const { shown, dismiss } = useToasts();
  return (
    <div className={styles.shelf} role="status" aria-live="polite">
      {shown.map((toast) => (
        <div key={toast.id} className={toast.bad ? `${styles.toast} ${styles.bad}` : styles.toast}>
          <div>
            {toast.text}
            {toast.hint && <small>{toast.hint}</small>}
          </div>
          {toast.action && (
            <Button
              small
              onClick={() => {
                dismiss(toast.id);
                toast.action?.run();
              }}
            >
              {toast.action.label}
            </Button>
          )}
          <Button small look="bare" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
            ✕
          </Button>
        </div>
      ))}
    </div>
  );
}
