import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import styles from "./Job.module.css";
import { bytes, grouped } from "./outputs";
import { type Job, useOutputs } from "./useJob";

/** More files than one looks through are behind a click. */
const FEW = 12;

/** What the job made, to download. */
export function OutputsPanel({ job }: { job: Job }) {
  const outputs = useOutputs(job.id);
  if (outputs.isPending) return <Waiting />;
  if (outputs.error) return <ProblemBox problem={outputs.error} again={() => void outputs.refetch()} />;
  if (!outputs.data.length) {
    return <p className={styles.none}>Nothing yet: files are here once the stage that writes them is done.</p>;
  }
  return grouped(outputs.data).map(({ name, files, size }) => (
    <details key={name} open={files.length <= FEW} className={styles.group}>
      <summary>
        {name}{" "}
        <small>
          {files.length} {files.length === 1 ? "file" : "files"}, {bytes(size)}
        </small>
      </summary>
      <ul>
        {files.map((file) => (
          <li key={file.id}>
            <a href={file.url} download>
              {file.name}
            </a>{" "}
            <small>{bytes(file.size)}</small>
          </li>
        ))}
      </ul>
    </details>
  ));
}
