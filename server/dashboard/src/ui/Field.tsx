import { type ReactElement, cloneElement, useId } from "react";
import styles from "./Page.module.css";

interface FieldProps {
  label: string;
  /** What goes in it, or what becomes of it; below the field. */
  hint?: string | undefined;
  /** An input, select or textarea, whose id and description are set here. */
  children: ReactElement<{ id?: string; "aria-describedby"?: string }>;
}

/** A labelled field of a form. */
export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  const described = hint ? { "aria-describedby": `${id}-hint` } : {};
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {cloneElement(children, { id, ...described })}
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </div>
  );
}
