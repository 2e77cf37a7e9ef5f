import type { ReactNode } from "react";
import styles from "./Shot.module.css";

interface FactProps {
  label: string;
  /** What is to be known of the label. */
  title?: string;
  /** What its reader warns of. */
  warned?: readonly ReactNode[];
  children: ReactNode;
}

/** One line of the list of facts. */
export function Fact({ label, title, warned = [], children }: FactProps) {
  return (
    <div>
      <dt title={title}>{label}</dt>
      <dd>{children}</dd>
      {warned.length > 0 && <dd className={styles.warned}>{warned}</dd>}
    </div>
  );
}
