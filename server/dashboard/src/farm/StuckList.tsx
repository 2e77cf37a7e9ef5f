import { Link } from "react-router";
import type { Queues } from "../api/farm";
import { away } from "../ui/time";
import page from "../ui/Page.module.css";

/** What runs and has told nothing new for too long. */
export function StuckList({ stuck }: { stuck: Queues["stuck"] }) {
  return (
    <section className={page.section}>
      <h2>Stuck</h2>
      <div className={page.scroll} tabIndex={0}>
        <table className={page.table}>
          <thead>
            <tr>
              <th>Shot</th>
              <th>Stage</th>
              <th>Worker</th>
              <th>At</th>
              <th>Last heard</th>
            </tr>
          </thead>
          <tbody>
            {stuck.map((one, index) => (
              <tr key={one.attempt_id ?? index}>
                <td>
                  {one.job_id ? <Link to={`/jobs/${one.job_id}`}>{one.shot_name}</Link> : "A shot you do not see"}
                </td>
                <td>{one.kind}</td>
                <td>{one.worker_id}</td>
                <td>
                  {one.progress.done} of {one.progress.total}
                </td>
                <td>{away(one.progress_at)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
