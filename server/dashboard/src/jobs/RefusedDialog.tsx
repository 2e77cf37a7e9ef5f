import { Dialog } from "../ui/Dialog";
import { jobs, type Refused } from "./bulk";
import type { JobRow } from "./filters";
import styles from "./Jobs.module.css";

interface RefusedDialogProps {
  refused: readonly Refused[];
  rows: readonly JobRow[];
  onClose(): void;
}

/** To which jobs it was not done, and why, one by one. */
export function RefusedDialog({ refused, rows, onClose }: RefusedDialogProps) {
  const names = new Map(rows.map((row) => [row.id, row.shot_name]));
  return (
    <Dialog title={`${jobs(refused.length)} refused it`} onClose={onClose} wide>
      <ul className={styles.refused}>
        {refused.map(({ id, message, hint }) => (
          <li key={id}>
            <strong>{names.get(id) ?? id}</strong> {message} {hint && <small>{hint}</small>}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
