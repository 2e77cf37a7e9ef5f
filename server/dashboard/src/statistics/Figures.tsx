import { nounOf } from "../ui/words";
import styles from "./Statistics.module.css";
import type { Statistics } from "./useStatistics";

export function Figures({ total }: { total: Statistics["total"] }) {
  const rate = total.jobs ? Math.round((100 * total.failed) / total.jobs) : 0;
  const told: [string, string][] = [
    [nounOf(total.shots, "shot"), whole(total.shots)],
    [nounOf(total.frames, "frame"), whole(total.frames)],
    ["GPU hours", total.gpu_hours.toFixed(1)],
    [nounOf(total.jobs, "job"), whole(total.jobs)],
    ["failed", `${whole(total.failed)} (${rate} %)`],
    [nounOf(total.retakes, "retake"), whole(total.retakes)],
  ];
  return (
    <ul className={styles.figures}>
      {told.map(([label, figure]) => (
        <li key={label}>
          <strong>{figure}</strong>
          {label}
        </li>
      ))}
    </ul>
  );
}

export function whole(value: number): string {
  return value.toLocaleString("en");
}
