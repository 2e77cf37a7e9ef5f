import { away, exact } from "./time";

interface TimeCellProps {
  /** Of its column, where the table has no head. */
  label: string;
  /** None: it never was. */
  time: string | null | undefined;
}

/** A cell of a table: how long ago, and under the pointer exactly when. */
export function TimeCell({ label, time }: TimeCellProps) {
  return (
    <td data-label={label} title={time ? exact(time) : undefined}>
      {time ? away(time) : "never"}
    </td>
  );
}
