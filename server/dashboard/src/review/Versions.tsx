import { StateChip } from "../ui/StateChip";
import { lookOf } from "../ui/states";
import { exact } from "../ui/time";
import type { Compare } from "./player";
import type { Version } from "../api/shots";
import styles from "./Versions.module.css";

interface VersionsProps {
  versions: readonly Version[];
  current: Version | null;
  other: Version | null;
  compare: Compare;
  onVersion(id: string): void;
  /** Null: no other one. */
  onOther(id: string | null): void;
  onCompare(compare: Compare): void;
}

/** Which version is looked at, and which it is compared with. */
export function Versions(props: VersionsProps) {
  const { versions, current, other, compare, onVersion, onOther, onCompare } = props;
  const others = versions.filter(({ id }) => id !== current?.id);
  if (!current) return null;
  return (
    <div className={styles.versions}>
      <select
        aria-label="Version"
        value={current.id}
        title={`By ${current.created_by}, ${exact(current.created_at)}`}
        onChange={(event) => onVersion(event.target.value)}
      >
        {versions.map((one) => (
          <option key={one.id} value={one.id}>
            {nameOf(one)}
          </option>
        ))}
      </select>
      {current.state !== "succeeded" && <StateChip state={current.state} />}
      {others.length > 0 && (
        <select
          className={styles.compare}
          aria-label="Compare with"
          value={other?.id ?? ""}
          onChange={(event) => onOther(event.target.value || null)}
        >
          <option value="">Compare with…</option>
          {others.map((one) => (
            <option key={one.id} value={one.id}>
              {nameOf(one)}
            </option>
          ))}
        </select>
      )}
      {other && (
        <select
          className={styles.compare}
          aria-label="Compare by"
          value={compare}
          title="F6: wipe"
          onChange={(event) => onCompare(event.target.value as Compare)}
        >
          <option value="wipe">Wipe</option>
          <option value="difference">Difference</option>
          <option value="off">Off</option>
        </select>
      )}
    </div>
  );
}

/** One that is not done is marked: it has no mattes, or not all. */
function nameOf({ version, created_by: by, state }: Version): string {
  const mark = state === "succeeded" ? "" : ` (${lookOf(state).label.toLowerCase()})`;
  return `v${version}, ${by}${mark}`;
}
