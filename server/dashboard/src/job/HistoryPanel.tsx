import type { Job } from "../api/jobs";
import type { Project } from "../api/projects";
import { useReviews } from "../api/shots";
import { may, useMe } from "../session/session";
import { away, exact } from "../ui/time";
import { useNow } from "../ui/useNow";
import { facts, happenings } from "./history";
import styles from "./Job.module.css";
import { useAudit, usePublications } from "./useJob";

/** What happened to the job, newest first, and what its results were made with. */
export function HistoryPanel({ job, project }: { job: Job; project: Project | undefined }) {
  const me = useMe();
  const now = useNow();
  const reads = may(me.data, "read_audit") || may(project, "manage_project");
  const audit = useAudit(job, reads);
  const reviews = useReviews(job.shot_id);
  const published = usePublications(job);
  const all = happenings(job, reviews.data ?? [], published.data ?? [], audit.data ?? []);
  const made = facts(job.provenance);
  return (
    <div className={styles.history}>
      <ol className={styles.happenings}>
        {all.map(({ at, what, who, more }, index) => (
          <li key={index}>
            <time dateTime={at} title={exact(at)}>
              {away(at, now)}
            </time>
            <span>
              <strong>{what}</strong> {who && <span className={styles.who}>{who}</span>}
              {more && <span className={styles.more}>{more}</span>}
            </span>
          </li>
        ))}
      </ol>
      <section>
        <h2>Made with</h2>
        {made.length ? (
          <dl className={styles.made}>
            {made.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        ) : (
          <p className={styles.none}>It is told once it was tracked.</p>
        )}
      </section>
    </div>
  );
}
