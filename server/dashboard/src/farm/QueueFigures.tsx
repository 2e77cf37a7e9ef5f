import type { Queues } from "../api/farm";
import { lasting } from "../ui/time";
import styles from "./Farm.module.css";

/** Each queue as it stands; one with work and nobody to do it is told so. */
export function QueueFigures({ queues }: { queues: Queues["queues"] }) {
  return (
    <ul className={styles.figures}>
      {queues.map((queue) => (
        <li key={queue.name} className={styles.figure}>
          <span>{queue.name}</span>
          <strong>{queue.waiting} waiting</strong>
          <span>
            {queue.running} running, {queue.workers_alive} {queue.workers_alive === 1 ? "worker" : "workers"}
          </span>
          {queue.waiting > 0 && <span> · oldest {lasting(queue.oldest_waiting_seconds)}</span>}
          {queue.waiting > 0 && queue.workers_alive === 0 && (
            <div className={styles.dead}>✕ No worker takes this queue.</div>
          )}
        </li>
      ))}
    </ul>
  );
}
