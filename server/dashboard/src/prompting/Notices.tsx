import { Link } from "react-router";
import type { Version } from "../api/shots";
import { Button } from "../ui/Button";
import styles from "./Prompting.module.css";

/** What is prompted or, of a `job`, corrected; `view` where no job says it. */
export function promptAddress(shot: string, at: { job?: string; frame?: number; view?: string } = {}): string {
  const query = new URLSearchParams();
  if (at.view && at.view !== "main") query.set("view", at.view);
  if (at.job) query.set("job", at.job);
  if (at.frame !== undefined) query.set("frame", String(at.frame));
  return `/shots/${shot}/prompt${query.size ? `?${query}` : ""}`;
}

/** Of a version that is corrected: another one is newer, and only the latest can be. */
export function NewerNotice({ shot, newer, frame }: { shot: string; newer: Version; frame: number }) {
  return (
    <div className={styles.notice} role="status">
      <span>v{newer.version} is newer, and only the latest version can be corrected.</span>
      <Link to={promptAddress(shot, { job: newer.id, frame })}>Correct v{newer.version}</Link>
    </div>
  );
}

/** Of a shot that has a result already. */
export function CorrectNotice({ shot, latest, frame }: { shot: string; latest: Version; frame: number }) {
  return (
    <div className={styles.notice} role="status">
      <span>v{latest.version} is there. Prompts here are tracked anew from the beginning.</span>
      <Link to={promptAddress(shot, { job: latest.id, frame })}>Correct v{latest.version} instead</Link>
    </div>
  );
}

interface KeptNoticeProps {
  found: keyof typeof KEPT;
  onDiscard(): void;
  onClose(): void;
}

const KEPT = {
  "as it was": "What you said here before, and did not submit, is here again.",
  moved: "What you said here before, and did not submit, is here again, moved to the frames of the new plate.",
  unfit: "What you said here before was said of a plate of another size: it does not fit this one. The first thing you say now takes its place.",
};

export function KeptNotice({ found, onDiscard, onClose }: KeptNoticeProps) {
  return (
    <div className={styles.notice} role="status">
      <span>{KEPT[found]}</span>
      {found !== "unfit" && (
        <Button small onClick={onDiscard}>
          Begin anew
        </Button>
      )}
      <Button small look="bare" aria-label="Dismiss" onClick={onClose}>
        ✕
      </Button>
    </div>
  );
}

/** Of an answer that does not come: why, and what to do. It lies on the picture, which so keeps its place. */
export function WaitingNotice({ why }: { why: string }) {
  return (
    <div className={styles.refused} role="status">
      <p className={styles.kept}>
        {why} What you have said is kept: submit without a preview, or ask whoever runs the farm to start a worker.
      </p>
    </div>
  );
}
