import { Link } from "react-router";
import type { Problem } from "../api/problem";
import type { Version } from "../api/shots";
import { Button } from "../ui/Button";
import styles from "./Prompting.module.css";

export function promptAddress(shot: string, job?: string, frame?: number): string {
  const query = new URLSearchParams();
  if (job) query.set("job", job);
  if (frame !== undefined) query.set("frame", String(frame));
  return `/shots/${shot}/prompt${query.size ? `?${query}` : ""}`;
}

/** Of a version that is corrected: another one is newer, and only the latest can be. */
export function NewerNotice({ shot, newer, frame }: { shot: string; newer: Version; frame: number }) {
  return (
    <div className={styles.notice} role="status">
      <span>Version {newer.shapes_version} is newer, and only the latest version can be corrected.</span>
      <Link to={promptAddress(shot, newer.id, frame)}>Correct version {newer.shapes_version}</Link>
    </div>
  );
}

/** Of a shot that has a result already. */
export function CorrectNotice({ shot, latest, frame }: { shot: string; latest: Version; frame: number }) {
  return (
    <div className={styles.notice} role="status">
      <span>Version {latest.version} is there. Prompts here are tracked anew from the beginning.</span>
      <Link to={promptAddress(shot, latest.id, frame)}>Correct version {latest.version} instead</Link>
    </div>
  );
}

export function KeptNotice({ onDiscard, onClose }: { onDiscard(): void; onClose(): void }) {
  return (
    <div className={styles.notice} role="status">
      <span>What you said here before, and did not submit, is here again.</span>
      <Button small onClick={onDiscard}>
        Begin anew
      </Button>
      <Button small look="bare" aria-label="Dismiss" onClick={onClose}>
        ✕
      </Button>
    </div>
  );
}

/** Where a refusal names the version that should have been corrected: the way to it. */
export function wayOut(shot: string, problem: Problem | null): string | null {
  const job = problem?.code === "conflict" ? problem.detail["job_id"] : null;
  return typeof job === "string" ? promptAddress(shot, job) : null;
}
