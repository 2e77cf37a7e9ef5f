import type { ReactNode } from "react";
import styles from "./Boxes.module.css";

/** What is said where there is nothing yet: why, and what would bring something here. */
export function EmptyState({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}
