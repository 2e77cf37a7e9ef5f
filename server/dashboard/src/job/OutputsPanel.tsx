import type { Job } from "../api/jobs";
import { bytesText } from "../ui/bytes";
import { MoreButton } from "../ui/MoreButton";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import styles from "./Job.module.css";
import { nameOf } from "./outputs";
import { type RoleCount, useOutputCounts, useOutputs } from "./useJob";

/** More files than one looks through are behind a click. */
const FEW = 12;

/** What the job made, to download. */
export function OutputsPanel({ job }: { job: Job }) {
  const counts = useOutputCounts(job.id);
  if (counts.isPending) return <Waiting />;
  if (counts.error) return <ProblemBox problem={counts.error} again={() => void counts.refetch()} />;
  if (!counts.data.length) {
    return <p className={styles.none}>Nothing yet: files are here once the stage that writes them is done.</p>;
  }
  return counts.data.map((count) => <Role key={count.role} job={job} count={count} />);
}

/** Files of one role are asked for by themselves: many mattes keep nobody from the shapes. */
function Role({ job, count: { role, files, size } }: { job: Job; count: RoleCount }) {
  const outputs = useOutputs(job.id, role);
  return (
    <details open={files <= FEW} className={styles.group}>
      <summary>
        {nameOf(role)}{" "}
        <small>
          {files.toLocaleString("en")} {files === 1 ? "file" : "files"}, {bytesText(size)}
        </small>
      </summary>
      {outputs.isPending && <Waiting />}
      {outputs.error && <ProblemBox problem={outputs.error} again={() => void outputs.refetch()} />}
      <ul>
        {outputs.rows.map((file) => (
          <li key={file.id}>
            <a href={file.url} download>
              {file.name}
            </a>{" "}
            <small>{bytesText(file.size)}</small>
          </li>
        ))}
      </ul>
      {outputs.hasNextPage && <p>The first {outputs.rows.length.toLocaleString("en")} by name.</p>}
      <MoreButton list={outputs} />
    </details>
  );
}
