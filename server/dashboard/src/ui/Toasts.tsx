import { create } from "zustand";
import { problemOf } from "../api/problem";
import { Button } from "./Button";
import styles from "./Toasts.module.css";

interface Toast {
  id: number;
  text: string;
  hint: string;
  bad: boolean;
}

interface Toasts {
  shown: Toast[];
  show(text: string, hint?: string, bad?: boolean): void;
  dismiss(id: number): void;
}

const STAYS = 6000;
let last = 0;

export const useToasts = create<Toasts>((set) => ({
  shown: [],
  show(text, hint = "", bad = false) {
    last += 1;
    const toast = { id: last, text, hint, bad };
    set((state) => ({ shown: [...state.shown.slice(-3), toast] }));
    // What went wrong stays until it was read.
    if (!bad) setTimeout(() => useToasts.getState().dismiss(toast.id), STAYS);
  },
  dismiss(id) {
    set((state) => ({ shown: state.shown.filter((toast) => toast.id !== id) }));
  },
}));

/** Tell shortly what was done. */
export function say(text: string): void {
  useToasts.getState().show(text);
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
          <Button small look="bare" aria-label="Dismiss" onClick={() => dismiss(toast.id)}>
            ✕
          </Button>
        </div>
      ))}
    </div>
  );
}
