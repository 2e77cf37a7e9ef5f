import { dayName, type Filters, type Submitted, within } from "./filters";
import styles from "./Jobs.module.css";
import { SUBMITTED_NAMES } from "./names";

interface SubmittedChoiceProps {
  params: URLSearchParams;
  filters: Filters;
  onChange(params: URLSearchParams): void;
}

const BETWEEN = "between";
const A_WEEK = 6;

/** Since when jobs were submitted: days back, which go along with the calendar, or named days. */
export function SubmittedChoice({ params, filters, onChange }: SubmittedChoiceProps) {
  const { submitted, since = "", until = "" } = filters;
  const isBetween = !submitted && (since !== "" || until !== "");

  function choose(value: string): void {
    const now = new Date();
    const between = { since: dayName(now, A_WEEK), until: dayName(now) };
    onChange(within(params, value === BETWEEN ? between : { submitted: value as Submitted | "" }));
  }

  return (
    <>
      <select
        className={styles.choice}
        aria-label="Submitted"
        value={isBetween ? BETWEEN : (submitted ?? "")}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="">Submitted: any</option>
        {Object.entries(SUBMITTED_NAMES).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
        <option value={BETWEEN}>Between…</option>
      </select>
      {isBetween && (
        <span className={styles.days}>
          <input
            type="date"
            aria-label="Submitted from"
            value={since}
            max={until || undefined}
            onChange={(event) => onChange(within(params, { since: event.target.value, until }))}
          />
          <span aria-hidden="true">–</span>
          <input
            type="date"
            aria-label="Submitted until"
            value={until}
            min={since || undefined}
            onChange={(event) => onChange(within(params, { since, until: event.target.value }))}
          />
        </span>
      )}
    </>
  );
}
