import { percent } from "../ui/rates";
import bench from "../ui/Workbench.module.css";
import styles from "./ObjectsPanel.module.css";

interface ObjectsPanelProps {
  objects: readonly { name: string; color: string; confidence: number | null }[];
  hidden: ReadonlySet<string>;
  onToggle(name: string): void;
}

/** The objects of the version: which of them are shown, and how sure the engine is here. */
export function ObjectsPanel({ objects, hidden, onToggle }: ObjectsPanelProps) {
  return (
    <section aria-label="Objects">
      <h2>Objects</h2>
      {objects.length === 0 && <p className={bench.dim}>This shot has no mattes yet.</p>}
      <ul className={`${bench.objects} ${styles.objects}`}>
        {objects.map(({ name, color, confidence }) => (
          <li key={name}>
            <label>
              <input type="checkbox" checked={!hidden.has(name)} onChange={() => onToggle(name)} />
              <span className={bench.swatch} style={{ background: color }} aria-hidden="true" />
              <span className={bench.name}>{name}</span>
              {confidence !== null && (
                <span className={bench.dim} title="How sure the engine is on this frame">
                  {percent(confidence)}
                </span>
              )}
            </label>
          </li>
        ))}
      </ul>
    </section>
  );
}
