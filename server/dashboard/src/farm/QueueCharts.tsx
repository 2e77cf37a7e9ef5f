import { useSearchParams } from "react-router";
import { Button } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import { lasting } from "../ui/time";
import styles from "./Farm.module.css";
import { seriesOf } from "./series";
import { type History, useHistory } from "./useFarm";

const HOURS = [
  { hours: 3, label: "3 hours" },
  { hours: 24, label: "Day" },
  { hours: 168, label: "Week" },
];
/** Told apart by dashes, too. */
const LINES = [
  { stroke: "var(--held)", dash: undefined },
  { stroke: "var(--running)", dash: "6 3" },
  { stroke: "var(--good)", dash: "2 3" },
  { stroke: "var(--bad)", dash: "9 3 2 3" },
  { stroke: "var(--waiting)", dash: "1 2" },
  { stroke: "var(--text)", dash: "12 4" },
];

export function QueueCharts() {
  const [search, setSearch] = useSearchParams();
  const hours = HOURS.find((one) => String(one.hours) === search.get("hours"))?.hours ?? 24;
  const history = useHistory(hours);
  return (
    <section aria-label="How the queues stood">
      <div className={styles.hours} role="group" aria-label="How far back">
        {HOURS.map((one) => (
          <Button key={one.hours} small aria-pressed={hours === one.hours} look={hours === one.hours ? "main" : "plain"}
            onClick={() => setSearch({ hours: String(one.hours) }, { replace: true })}>
            {one.label}
          </Button>
        ))}
      </div>
      {history.error && <ProblemBox problem={history.error} />}
      {history.data && (
        <div className={styles.charts}>
          <Chart title="Waiting tasks" history={history.data} hours={hours} figure="waiting" told={String} />
          <Chart title="Longest wait" history={history.data} hours={hours} figure="oldest_waiting_seconds" told={lasting} />
          <Chart title="Workers" history={history.data} hours={hours} figure="workers_alive" told={String} />
        </div>
      )}
    </section>
  );
}

/** What stands below a chart `ago` hours before now: the time of day, on long ones the day too. */
function axis(ago: number, hours: number): string {
  const at = new Date(Date.now() - ago * 3_600_000);
  const day = hours > 24 ? { weekday: "short" as const } : {};
  return at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", ...day });
}

interface ChartProps {
  title: string;
  history: History;
  hours: number;
  figure: Parameters<typeof seriesOf>[1];
  told(value: number): string;
}

function Chart({ title, history, hours, figure, told }: ChartProps) {
  const { series, top } = seriesOf(history, figure, hours, Date.now());
  const label = series.map(({ name, last }) => `${name} ${told(last)}`).join(", ");
  return (
    <figure className={styles.chart}>
      <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={`${title}: ${label || "nothing yet"}`}>
        {series.flatMap(({ name, runs }, index) =>
          runs.map((run, part) => (
            <polyline
              key={`${name} ${part}`}
              points={run.map(({ x, y }) => `${x * 100},${2 + y * 96}`).join(" ")}
              fill="none"
              stroke={LINES[index % LINES.length]?.stroke}
              strokeDasharray={LINES[index % LINES.length]?.dash}
              strokeWidth="1.5"
              vectorEffect="non-scaling-stroke"
            />
          )),
        )}
      </svg>
      <div className={styles.axis} aria-hidden="true">
        <span>{axis(hours, hours)}</span>
        <span>{axis(hours / 2, hours)}</span>
        <span>now</span>
      </div>
      <figcaption>
        <strong>{title}</strong>
        <span>up to {told(top)}</span>
        {series.map(({ name, last }, index) => (
          <span key={name} style={{ color: LINES[index % LINES.length]?.stroke }}>
            <svg className={styles.sample} viewBox="0 0 24 8" aria-hidden="true">
              <path d="M0 4h24" stroke="currentColor" strokeWidth="2" strokeDasharray={LINES[index % LINES.length]?.dash} />
            </svg>
            {name} {told(last)}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}
