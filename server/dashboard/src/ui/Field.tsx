import { type ReactElement, cloneElement, useId } from "react";
import styles from "./Page.module.css";

interface FieldProps {
  label: string;
  /** What goes in it, or what becomes of it; below the field. */
  hint?: string | undefined;
  /** Why what is in it cannot be taken; in place of the hint. */
  wrong?: string | undefined;
  /** An input, select or textarea, whose id and description are set here. */
  children: ReactElement<{ id?: string; "aria-describedby"?: string; "aria-invalid"?: boolean }>;
}

/** A labelled field of a form. */
export function Field({ label, hint, wrong, children }: FieldProps) {
  const id = useId();
  const described = hint || wrong ? { "aria-describedby": `${id}-hint`, "aria-invalid": wrong !== undefined } : {};
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {cloneElement(children, { id, ...described })}
      {(wrong ?? hint) && (
        <small id={`${id}-hint`} className={wrong && styles.bad} role={wrong && "alert"}>
          {wrong ?? hint}
        </small>
      )}
    </div>
  );
}
