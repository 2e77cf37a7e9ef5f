import { problemOf } from "../api/problem";
import { Button } from "./Button";
import styles from "./Boxes.module.css";

/** What went wrong and what to do about it; `again` offers to try. */
export function ProblemBox({ problem, again }: { problem: unknown; again?: () => void }) {
  const told = problemOf(problem);
  return (
    <div className={styles.problem} role="alert">
      <strong>{told.message}</strong>
      {told.hint && <span>{told.hint}</span>}
      {told.requestId && <small>Request {told.requestId}</small>}
      {again && (
        <Button small onClick={again}>
          Try again
        </Button>
      )}
    </div>
  );
}
