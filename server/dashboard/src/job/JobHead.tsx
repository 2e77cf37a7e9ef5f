import { Link } from "react-router";
import type { Job } from "../api/jobs";
import type { Project } from "../api/projects";
import type { Shot } from "../api/shots";
import { StageBar } from "../ui/StageBar";
import { StateChip } from "../ui/StateChip";
import { away, exact, lasting } from "../ui/time";
import { useNow } from "../ui/useNow";
import { Actions } from "./Actions";
import styles from "./Job.module.css";
import { tickOf, timeWords } from "./timeline";
import { ENDED } from "./useJob";

interface JobHeadProps {
  job: Job;
  shot: Shot | undefined;
  project: Project | undefined;
}

/** Which job it is, how far it is, and what one can do with it. */
export function JobHead({ job, shot, project }: JobHeadProps) {
  const now = useNow(tickOf(job));
  const { progress } = job;
  const ended = ENDED.includes(job.state);
  const time = timeWords(job, now);
  return (
    <header className={styles.head}>
      {shot?.thumbnail_url && <img className={styles.thumbnail} src={shot.thumbnail_url} alt="" />}
      <div className={styles.name}>
        <h1>
          <Link to={`/shots/${job.shot_id}`}>{shot?.name ?? "…"}</Link> {titleOf(job)}
        </h1>
        <span className={styles.facts}>
          <StateChip state={job.state} />
          {project && <span>{project.name}</span>}
          <span>by {job.created_by}</span>
          <span title={exact(job.created_at)}>{away(job.created_at, now)}</span>
          {time && <span>{time}</span>}
          {job.engine && (
            <span>
              {job.engine} {job.model}
            </span>
          )}
        </span>
        {!ended && (
          <span className={styles.facts}>
            <StageBar stages={job.tasks.map(stageOf)} fraction={progress.fraction} />
            <span>{Math.round(progress.fraction * 100)}%</span>
            {progress.total > 0 && (
              <span>
                {progress.stage} {progress.done} of {progress.total}
              </span>
            )}
            {progress.frames_per_second ? <span>{progress.frames_per_second.toFixed(1)} frames/s</span> : null}
            {progress.eta_seconds !== null && <span>{lasting(progress.eta_seconds)} left</span>}
            {progress.message && <span>{progress.message}</span>}
          </span>
        )}
      </div>
      <Actions job={job} shot={shot} project={project} />
    </header>
  );
}

function titleOf({ kind, version }: Job): string {
  const number = `v${version}`;
  return kind === "roto" ? number : ["export", "publish"].includes(kind) ? `${kind} ${number}` : kind;
}

function stageOf({ kind, state, progress }: Job["tasks"][number]) {
  const told = progress as { done?: number; total?: number };
  return { kind, state, done: told.done ?? 0, total: told.total ?? 0 };
}
