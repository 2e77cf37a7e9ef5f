import { lookOf } from "./states";
import styles from "./StageBar.module.css";

export interface Stage {
  kind: string;
  state: string;
  done: number;
  total: number;
}

interface StageBarProps {
  stages: readonly Stage[];
  /** Of the whole job, 0 to 1. */
  fraction: number;
}

/** How far a job is: a piece a stage, each filled as far as it is done. */
export function StageBar({ stages, fraction }: StageBarProps) {
  const told = stages.map(tell).join("\n");
  return (
    <div
      className={styles.bar}
      role="progressbar"
      aria-label="Progress"
      aria-valuenow={Math.round(fraction * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
      title={told}
    >
      {stages.map((stage, index) => (
        <div key={index} className={styles.stage}>
          <div
            className={`${styles.done} ${styles[stage.state] ?? ""}`}
            style={{ width: `${share(stage) * 100}%` }}
          />
        </div>
      ))}
    </div>
  );
}

/** How much of a stage is done, 0 to 1; one that ended badly is told whole. */
export function share({ state, done, total }: Stage): number {
  if (["succeeded", "failed", "cancelled"].includes(state)) return 1;
  return state === "running" && total ? Math.min(done / total, 1) : 0;
}

function tell(stage: Stage): string {
  const state = lookOf(stage.state).label.toLowerCase();
  const runs = stage.state === "running" && stage.total > 0;
  return `${stage.kind}: ${state}${runs ? `, ${stage.done} of ${stage.total}` : ""}`;
}
