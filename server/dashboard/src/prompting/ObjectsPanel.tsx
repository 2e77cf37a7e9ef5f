import { Button } from "../ui/Button";
import { type DraftObject, type Said, saidOn } from "./model";
import styles from "./Prompting.module.css";

interface ObjectsPanelProps {
  objects: readonly DraftObject[];
  picked: DraftObject | undefined;
  /** Of a version that is corrected, the objects are given. */
  isFixed: boolean;
  frame: number;
  first: number;
  last: number;
  /** By object key, the frames somebody has worked on. */
  worked: ReadonlyMap<string, readonly number[]>;
  isMoved: boolean;
  onPick(key: string): void;
  onAdd(): void;
  onRemove(key: string): void;
  onChange(change: Partial<DraftObject>): void;
  onAbsent(): void;
  onClear(): void;
  onGo(frame: number): void;
}

/** What is to be tracked, and what is said of it: here, and on other frames. */
export function ObjectsPanel(props: ObjectsPanelProps) {
  const { objects, picked, frame, worked } = props;
  const said = saidOn(picked, frame);
  const frames = worked.get(picked?.key ?? "") ?? [];
  return (
    <>
      <section aria-label="Objects">
        <h2>Objects</h2>
        <ul className={styles.objects}>
          {objects.map((object) => (
            <li key={object.key}>
              <button
                type="button"
                className={object.key === picked?.key ? `${styles.object} ${styles.picked}` : styles.object}
                aria-pressed={object.key === picked?.key}
                onClick={() => props.onPick(object.key)}
              >
                <span className={styles.swatch} style={{ background: object.color }} aria-hidden="true" />
                <span className={styles.name}>{object.name || "(no name)"}</span>
                <span className={styles.dim}>{counted(worked.get(object.key)?.length ?? 0, "frame")}</span>
              </button>
            </li>
          ))}
        </ul>
        {!props.isFixed && (
          <Button small onClick={props.onAdd}>
            Add an object
          </Button>
        )}
      </section>
      {picked && !props.isFixed && <About {...props} picked={picked} />}
      {picked && (
        <section aria-label={`Frame ${frame}`}>
          <h2>
            {picked.name} on {frame}
          </h2>
          <p className={styles.said}>{told(said, props.isMoved)}</p>
          <div className={styles.row}>
            <Button
              small
              className={said.absent ? styles.on : undefined}
              aria-pressed={said.absent}
              title="It is not in this frame (a)"
              onClick={props.onAbsent}
            >
              Not here
            </Button>
            <Button small title="Nothing said on this frame (Delete)" disabled={!frames.includes(frame)} onClick={props.onClear}>
              Clear frame
            </Button>
          </div>
          {frames.length > 0 && (
            <div className={styles.frames} role="group" aria-label="Frames with prompts">
              {frames.map((each) => (
                <Button key={each} small className={each === frame ? styles.on : undefined} onClick={() => props.onGo(each)}>
                  {each}
                </Button>
              ))}
            </div>
          )}
        </section>
      )}
    </>
  );
}

function About({ picked, objects, frame, first, last, onChange, onRemove }: ObjectsPanelProps & { picked: DraftObject }) {
  const [from, to] = picked.range ?? [first, last];
  const between = (value: number) => Math.min(Math.max(value, first), last);
  const ranged = (range: [number, number]) =>
    onChange({ range: range[0] === first && range[1] === last ? null : range });
  return (
    <section aria-label={`About ${picked.name}`} className={styles.about}>
      <label>
        Name
        <input value={picked.name} maxLength={100} onChange={(event) => onChange({ name: event.target.value })} />
      </label>
      <label>
        Label
        <input
          value={picked.label}
          maxLength={200}
          placeholder="lead actor"
          onChange={(event) => onChange({ label: event.target.value })}
        />
      </label>
      <label>
        Colour
        <input type="color" value={picked.color} onChange={(event) => onChange({ color: event.target.value })} />
      </label>
      <div className={styles.range}>
        <label>
          In
          <input
            type="number"
            min={first}
            max={last}
            value={from}
            onChange={(event) => event.target.value && ranged([between(event.target.valueAsNumber), to])}
          />
        </label>
        <Button small title={`In on frame ${frame} (i)`} onClick={() => ranged([frame, Math.max(frame, to)])}>
          Here
        </Button>
        <label>
          Out
          <input
            type="number"
            min={first}
            max={last}
            value={to}
            onChange={(event) => event.target.value && ranged([from, between(event.target.valueAsNumber)])}
          />
        </label>
        <Button small title={`Out on frame ${frame} (o)`} onClick={() => ranged([Math.min(from, frame), frame])}>
          Here
        </Button>
      </div>
      <Button small look="danger" disabled={objects.length < 2} onClick={() => onRemove(picked.key)}>
        Remove {picked.name}
      </Button>
    </section>
  );
}

/** What is said, in words. */
export function told(said: Said, isMoved: boolean): string {
  if (said.absent) return "It is not in this frame.";
  const on = said.points.filter(({ positive }) => positive).length;
  const beside = said.points.length - on;
  const parts = [
    on ? `${counted(on, "click")} on it` : "",
    beside ? `${counted(beside, "click")} beside it` : "",
    said.box ? "a box" : "",
    said.paint ? `${counted(said.paint.strokes.length, "stroke")} painted` : "",
    isMoved ? "its outline moved" : "",
  ].filter(Boolean);
  const text = parts.join(", ");
  return text ? `${text[0]?.toUpperCase()}${text.slice(1)}.` : "Nothing is said on this frame.";
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
