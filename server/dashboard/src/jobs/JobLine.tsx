import { memo, type MouseEvent, useState } from "react";
import { colorOf } from "../review/colors";
import { percent } from "../ui/rates";
import { StageBar } from "../ui/StageBar";
import { StateChip } from "../ui/StateChip";
import { heatOf } from "../ui/strip";
import { away, exact, lasting } from "../ui/time";
import { codeWords } from "../ui/words";
import type { JobRow, Priority } from "./filters";
import styles from "./Jobs.module.css";
import { KIND_NAMES, PRIORITY_NAMES, PRIORITY_SIGNS } from "./names";

interface JobLineProps {
  row: JobRow;
  /** Its own page; the table goes there. */
  address: string;
  /** It is not there any more; its line stays until the list is made anew. */
  gone: boolean;
  index: number;
  /** Pixels from the first row's top. */
  top: number;
  now: number;
  at: boolean;
  selected: boolean;
  onPick(event: MouseEvent, index: number): void;
  onOpen(index: number): void;
  /** Shows that person's jobs alone; undefined where that is so. */
  onOwner: ((id: string) => void) | undefined;
}

/** A job in one row: the cells of `COLUMNS`. */
export const JobLine = memo(function JobLine(props: JobLineProps) {
  const { row, address, gone, index, top, now, at, selected, onPick, onOpen, onOwner } = props;
  const looks = [styles.line, styles.row, at && styles.at, selected && styles.selected, gone && styles.gone];
  const runs = row.state === "running";
  return (
    <div
      id={`job-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={looks.filter(Boolean).join(" ")}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => onPick(event, index)}
      onDoubleClick={() => onOpen(index)}
    >
      <span role="gridcell">
        <input type="checkbox" tabIndex={-1} readOnly checked={selected} aria-label={`Select ${row.shot_name}`} />
      </span>
      <span role="gridcell" className={styles.shot}>
        <Thumbnail key={row.thumbnail_url} url={row.thumbnail_url} />
        <a href={address} tabIndex={-1} title={row.shot_name}>
          {row.shot_name}
        </a>
        <small>{row.kind === "roto" ? `v${row.version}` : KIND_NAMES[row.kind]}</small>
      </span>
      <span role="gridcell" title={row.project_name}>
        {row.project_name}
      </span>
      <span role="gridcell" title={row.objects.map(({ name }) => name).join(", ")}>
        {row.objects.map(({ name, colour }, place) => (
          <span key={name} className={styles.object}>
            <span className={styles.dot} style={{ background: colorOf(colour, place) }} aria-hidden="true" />
            {name}
          </span>
        ))}
      </span>
      <span role="gridcell" title={row.owner_name}>
        {onOwner ? (
          <button
            type="button"
            className={styles.owner}
            tabIndex={-1}
            title={`Only jobs of ${row.owner_name}`}
            onClick={(event) => {
              event.stopPropagation();
              onOwner(row.owner_id);
            }}
          >
            {row.owner_name}
          </button>
        ) : (
          row.owner_name
        )}
      </span>
      <span role="gridcell">
        {gone ? "Deleted" : <StateChip state={row.state} title={row.message} />}
      </span>
      <span role="gridcell" className={styles.progress}>
        {row.error_code ? (
          <span className={styles.bad} title={row.error_code}>
            {codeWords(row.error_code)}
          </span>
        ) : (
          <>
            <StageBar stages={row.stages} fraction={row.fraction} />
            <span>{Math.round(row.fraction * 100)}%</span>
          </>
        )}
      </span>
      <span role="gridcell" title={row.queue ?? undefined}>
        {runs || row.state === "queued" ? row.queue : ""}
      </span>
      <span role="gridcell" className={row.priority === "normal" ? styles.dim : undefined}>
        <span aria-hidden="true">{PRIORITY_SIGNS[row.priority]}</span>{" "}
        {PRIORITY_NAMES[row.priority as Priority] ?? row.priority}
      </span>
      <span role="gridcell" title={exact(row.created_at)}>
        {away(row.created_at, now)}
      </span>
      <span role="gridcell" className={styles.right}>
        {runs && row.eta_seconds !== null ? roughly(row.eta_seconds) : ""}
      </span>
      <span role="gridcell" className={styles.right}>
        {runs && row.frames_per_second ? row.frames_per_second.toFixed(1) : ""}
      </span>
      <span role="gridcell" className={styles.right}>
        {row.worst_confidence !== null && (
          <span className={styles[heatOf(row.worst_confidence)]}>{percent(row.worst_confidence)}</span>
        )}
      </span>
    </div>
  );
});

/** The place of a job that is being loaded. */
export function WaitingLine({ index, top, at }: Pick<JobLineProps, "index" | "top" | "at">) {
  return (
    <div
      id={`job-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-busy="true"
      className={`${styles.line} ${styles.row} ${at ? styles.at : ""}`}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="gridcell" />
      <span role="gridcell" className={styles.dim}>
        …
      </span>
    </div>
  );
}

function Thumbnail({ url }: { url: string | null }) {
  const [isMissing, setMissing] = useState(false);
  if (!url || isMissing) return <span className={styles.thumbnail} />;
  return (
    <img
      className={styles.thumbnail}
      src={url}
      alt=""
      loading="lazy"
      decoding="async"
      onError={() => setMissing(true)}
    />
  );
}

/** To the minute, where there are any: an estimate is no more than that. */
function roughly(seconds: number): string {
  return lasting(seconds < 60 ? seconds : Math.round(seconds / 60) * 60);
}
