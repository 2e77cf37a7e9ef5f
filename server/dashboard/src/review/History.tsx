import { useReviews } from "../api/shots";
import { away, exact } from "../ui/time";
import { StateChip } from "../ui/StateChip";
import styles from "./NotesPanel.module.css";

/** How the shot came to where it stands. */
export function History({ shotId }: { shotId: string }) {
  const moves = useReviews(shotId).data ?? [];
  if (moves.length === 0) return null;
  return (
    <section aria-label="History">
      <h2>History</h2>
      <ol className={styles.threads}>
        {moves.map((move) => (
          <li key={move.id}>
            <StateChip state={move.after} />
            {move.reason && <p className={styles.text}>{move.reason}</p>}
            <div>
              <small className={styles.dim} title={exact(move.created_at)}>
                {move.created_by}, {away(move.created_at)}
              </small>
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
