import { codeWords } from "../ui/words";
import { whole } from "./Figures";
import styles from "./Statistics.module.css";
import { Table } from "./Table";
import type { Statistics } from "./useStatistics";

interface GroupsProps {
  title: string;
  /** What one of them is. */
  head: string;
  groups: Statistics["groups"];
  csv: string;
}

/** One line a day, project or person; the bar shows frames against the most there are. */
export function Groups({ title, head, groups, csv }: GroupsProps) {
  const most = Math.max(1, ...groups.map(({ frames }) => frames));
  return (
    <Table
      title={title}
      csv={csv}
      columns={[head, "Shots", "Frames", "GPU hours", "Jobs", "Failed", "Retakes"]}
      rows={groups.map((group) => ({
        key: group.key,
        head: group.name || group.key,
        cells: [
          whole(group.shots),
          <>
            <span className={styles.bar} style={{ width: `${(100 * group.frames) / most}px` }} /> {whole(group.frames)}
          </>,
          group.gpu_hours.toFixed(2),
          whole(group.jobs),
          whole(group.failed),
          whole(group.retakes),
        ],
      }))}
    />
  );
}

interface StagesProps {
  stages: Statistics["stages"];
  slowest: string | null;
  csv: string;
}

export function Stages({ stages, slowest, csv }: StagesProps) {
  return (
    <Table
      title="Stages"
      csv={csv}
      columns={["Stage", "Attempts", "Mean", "95 of 100 within"]}
      rows={stages.map((one) => ({
        key: one.stage,
        head: (
          <>
            {one.stage}
            {one.stage === slowest && <small>the slowest</small>}
          </>
        ),
        cells: [whole(one.attempts), `${one.mean_seconds.toFixed(1)} s`, `${one.p95_seconds.toFixed(1)} s`],
      }))}
    />
  );
}

export function Failures({ failures, csv }: { failures: Statistics["failures"]; csv: string }) {
  return (
    <Table
      title="Failures"
      csv={csv}
      columns={["Error", "Jobs", "Of all jobs", "Attempts"]}
      rows={failures.map((one) => ({
        key: one.code,
        head: (
          <>
            {codeWords(one.code)}
            <small>
              <code>{one.code}</code>
            </small>
          </>
        ),
        cells: [whole(one.jobs), `${(100 * one.job_rate).toFixed(1)} %`, whole(one.attempts)],
      }))}
    />
  );
}

export function Retakes({ retakes, csv }: { retakes: Statistics["retakes"]; csv: string }) {
  return (
    <Table
      title="Retakes"
      csv={csv}
      columns={["Reason", "Retakes"]}
      rows={retakes.map((one) => ({ key: one.reason, head: one.reason, cells: [whole(one.retakes)] }))}
    />
  );
}
