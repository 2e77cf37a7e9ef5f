import type { Job } from "../api/jobs";
import { Button } from "../ui/Button";
import { StateChip } from "../ui/StateChip";
import { lookOf } from "../ui/states";
import { exact, lasting } from "../ui/time";
import { useNow } from "../ui/useNow";
import styles from "./Job.module.css";
import { seconds, spanOf, tickOf, wholeTime } from "./timeline";
import type { Attempt, Task } from "./useJob";

interface TimelineProps {
  job: Job;
  onLog(attempt: string): void;
}

/** The stages one below the other, each attempt where it was in the job's time. */
export function Timeline({ job, onLog }: TimelineProps) {
  const now = useNow(tickOf(job));
  const whole = wholeTime(job, now);
  return (
    <ol className={styles.stages}>
      {job.tasks.map((task) => (
        <Stage key={task.id} task={task} failed={job.state === "failed"} whole={whole} now={now} onLog={onLog} />
      ))}
    </ol>
  );
}

interface StageProps {
  task: Task;
  /** Whether the job has failed: what was still to come was then called off by nobody. */
  failed: boolean;
  whole: [number, number];
  now: number;
  onLog(attempt: string): void;
}

function Stage({ task, failed, whole, now, onLog }: StageProps) {
  const took = seconds(task.attempts, now);
  const { done = 0, total = 0 } = task.progress as { done?: number; total?: number };
  return (
    <li className={styles.stage}>
      <div className={styles.stageHead}>
        <strong>{task.kind}</strong>
        <StateChip state={shownState(task.state, failed)} />
        <small>
          {total > 0 && `${done} of ${total}, `}
          {(task.state === "ready" || took === null) && `queue ${task.queue}${took === null ? "" : ", "}`}
          {took !== null && lasting(took)}
        </small>
      </div>
      <div className={styles.track}>
        {task.attempts.map((attempt) => (
          <Bar key={attempt.id} attempt={attempt} whole={whole} />
        ))}
      </div>
      {task.attempts.map((attempt) => (
        <div key={attempt.id} className={styles.attempt}>
          <span>
            Attempt {attempt.number} on {attempt.worker_id}
          </span>
          <StateChip state={attempt.state} />
          <span title={exact(attempt.started_at)}>{lasting(seconds([attempt], now) ?? 0)}</span>
          {attempt.error && <span className={styles.error}>{messageOf(attempt.error)}</span>}
          <Button small look="bare" aria-label={`Log of ${task.kind}, attempt ${attempt.number}`} onClick={() => onLog(attempt.id)}>
            Log
          </Button>
        </div>
      ))}
    </li>
  );
}

function shownState(state: string, failed: boolean): string {
  if (state === "ready") return "queued";
  return failed && state === "cancelled" ? "not_run" : state;
}

function Bar({ attempt, whole }: { attempt: Attempt; whole: [number, number] }) {
  const { left, width } = spanOf(attempt, whole);
  return (
    <span
      className={`${styles.bar} ${styles[lookOf(attempt.state).tone]}`}
      style={{ left: `${left * 100}%`, width: `${width * 100}%` }}
    />
  );
}

function messageOf(error: Record<string, unknown>): string {
  return [error.message, error.hint].filter(Boolean).join(" ");
}
