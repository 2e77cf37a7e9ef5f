import { memo } from "react";
import { Link } from "react-router";
import type { JobRow } from "../api/schema";
import type { Shot } from "../api/shots";
import { StateChip } from "../ui/StateChip";
import styles from "./Board.module.css";
import { Thumbnail } from "./Thumbnail";

interface CardProps {
  shot: Shot;
  project: string;
  job: JobRow | undefined;
  /** Where review is not what the groups stand for. */
  showsReview: boolean;
  picked: boolean;
  onToggle(id: string, through: boolean): void;
}

/** A shot by its picture: what it is, what review says, and apart from that what the farm does. */
export const ShotCard = memo(function ShotCard(props: CardProps) {
  const { shot, project, job, showsReview, picked, onToggle } = props;
  return (
    <li className={picked ? `${styles.card} ${styles.picked}` : styles.card}>
      <Link to={`/shots/${shot.id}`} className={styles.picture} tabIndex={-1} aria-hidden="true">
        <Thumbnail shot={shot} />
      </Link>
      <div className={styles.words}>
        <input
          type="checkbox"
          className={styles.pick}
          aria-label={`Pick ${shot.name}`}
          checked={picked}
          onChange={(event) => onToggle(shot.id, (event.nativeEvent as MouseEvent).shiftKey)}
        />
        <Link to={`/shots/${shot.id}`} className={styles.name} title={shot.name}>
          {shot.name}
        </Link>
        {project && <span className={styles.project}>{project}</span>}
        <div className={styles.states}>
          {showsReview && <StateChip state={shot.review ?? "waiting"} />}
          {shot.state !== "ready" && <StateChip state={shot.state} />}
          {job && shot.state === "ready" && !isRead(job) && <JobState job={job} />}
        </div>
      </div>
    </li>
  );
});

/** That a plate was read is seen by its picture. */
function isRead({ kind, state }: JobRow): boolean {
  return kind === "ingest" && state === "succeeded";
}

function JobState({ job }: { job: JobRow }) {
  const share = job.state === "running" ? ` ${Math.round(job.fraction * 100)} %` : "";
  return (
    <Link to={`/jobs/${job.id}`} className={styles.job} title={`The newest job: ${job.kind}`}>
      <span>
        {job.kind}
        {share}
      </span>
      <StateChip state={job.state} />
    </Link>
  );
}
