import { lookOf } from "./states";
import styles from "./StateChip.module.css";

/** A state by sign, word and colour. */
export function StateChip({ state, title }: { state: string; title?: string }) {
  const look = lookOf(state);
  return (
    <span className={`${styles.chip} ${styles[look.tone]}`} title={title}>
      <span aria-hidden="true">{look.sign}</span>
      <span>{look.label}</span>
    </span>
  );
}
