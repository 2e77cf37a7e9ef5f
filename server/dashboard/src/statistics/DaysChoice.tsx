import { useEffect, useId, useState } from "react";
import page from "../ui/Page.module.css";
import { type Asked, SPANS, wrongWith } from "./asked";
import styles from "./Statistics.module.css";

interface DaysChoiceProps {
  asked: Asked;
  /** What the address is to say; empty: nothing. */
  onChange(words: { days: string; since: string; until: string }): void;
}

/** Which days count: back from today, or from and to days of one's own. */
export function DaysChoice({ asked, onChange }: DaysChoiceProps) {
  const { span, since, until } = asked;
  return (
    <>
      <select
        aria-label="Days"
        value={span}
        onChange={({ target: { value } }) =>
          onChange(value === "0" ? { days: "", since, until } : { days: value, since: "", until: "" })
        }
      >
        {Object.entries(SPANS).map(([days, label]) => (
          <option key={days} value={days}>
            {label}
          </option>
        ))}
        <option value={0}>Between…</option>
      </select>
      {span === 0 && <Between since={since} until={until} onChange={(days) => onChange({ days: "", ...days })} />}
    </>
  );
}

interface Days {
  since: string;
  until: string;
}

/** Two days, UTC. While one is typed they say nothing that could be asked; then nothing is. */
function Between({ since, until, onChange }: Days & { onChange(days: Days): void }) {
  const [days, setDays] = useState<Days>({ since, until });
  useEffect(() => setDays({ since, until }), [since, until]);
  const told = useId();
  const wrong = wrongWith(days.since, days.until);

  function change(part: Partial<Days>): void {
    const next = { ...days, ...part };
    setDays(next);
    if (!wrongWith(next.since, next.until)) onChange(next);
  }
  const field = { type: "date", "aria-invalid": wrong !== "", "aria-describedby": told } as const;
  return (
    <span className={styles.days}>
      <input {...field} aria-label="From" value={days.since} onChange={(event) => change({ since: event.target.value })} />
      <span aria-hidden="true">–</span>
      <input {...field} aria-label="To" value={days.until} onChange={(event) => change({ until: event.target.value })} />
      <small id={told} className={wrong ? page.bad : page.dim}>
        {wrong || "UTC"}
      </small>
    </span>
  );
}
