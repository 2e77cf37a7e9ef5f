import { FrameField } from "../review/FrameField";
import { Button } from "../ui/Button";
import bench from "../ui/Workbench.module.css";
import { type Draft, type DraftObject, type Said, saidOn, wrongName, wrongRange } from "./model";
import styles from "./Prompting.module.css";
import { plural } from "../ui/words";

interface ObjectsPanelProps {
  draft: Draft;
  picked: DraftObject | undefined;
  /** Of a version that is corrected, the objects are given. */
  isFixed: boolean;
  frame: number;
  first: number;
  last: number;
  /** By object key, the frames somebody has worked on. */
  worked: ReadonlyMap<string, readonly number[]>;
  isMoved: boolean;
  /** How many masks the engine offers for the one that is picked, and which of them is meant. */
  candidates: number;
  candidate: number;
  onCandidate(): void;
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
  const { picked, frame, worked } = props;
  const { objects } = props.draft;
  const said = saidOn(picked, frame);
  const frames = worked.get(picked?.key ?? "") ?? [];
  return (
    <>
      <section aria-label="Objects">
        <h2>Objects</h2>
        <ul className={`${bench.objects} ${styles.objects}`}>
          {objects.map((object) => (
            <li key={object.key}>
              <button
                type="button"
                className={object.key === picked?.key ? `${styles.object} ${styles.picked}` : styles.object}
                aria-pressed={object.key === picked?.key}
                onClick={() => props.onPick(object.key)}
              >
                <span className={bench.swatch} style={{ background: object.color }} aria-hidden="true" />
                <span className={bench.name}>{object.name || "(no name)"}</span>
                <small className={bench.dim}>{plural(worked.get(object.key)?.length ?? 0, "frame")}</small>
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
              className={said.absent ? bench.on : undefined}
              aria-pressed={said.absent}
              title="It is not in this frame (a)"
              onClick={props.onAbsent}
            >
              Not here
            </Button>
            <Button small title="Nothing said on this frame (Delete)" disabled={!frames.includes(frame)} onClick={props.onClear}>
              Clear frame
            </Button>
            {props.candidates > 1 && (
              <Button small title="The next mask that could be meant (m)" onClick={props.onCandidate}>
                Other mask ({props.candidate + 1} of {props.candidates})
              </Button>
            )}
          </div>
          {frames.length > 0 && (
            <div className={styles.frames} role="group" aria-label="Frames with prompts">
              {frames.map((each) => (
                <Button key={each} small className={each === frame ? bench.on : undefined} onClick={() => props.onGo(each)}>
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

function About({ picked, draft, frame, first, last, onChange, onRemove }: ObjectsPanelProps & { picked: DraftObject }) {
  const [from, to] = picked.range ?? [first, last];
  const [misnamed, outOfOrder] = [wrongName(draft, picked), wrongRange(picked)];
  const ranged = (range: [number, number]) =>
    onChange({ range: range[0] === first && range[1] === last ? null : range });
  return (
    <section aria-label={`About ${picked.name}`} className={styles.about}>
      <label>
        Name
        <input
          value={picked.name}
          maxLength={100}
          aria-invalid={misnamed !== null}
          onChange={(event) => onChange({ name: event.target.value })}
        />
      </label>
      {misnamed && (
        <small role="alert" className={styles.wrong}>
          {misnamed}
        </small>
      )}
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
          <FrameField at={from} first={first} last={last} onGo={(frame) => ranged([frame, to])} />
        </label>
        <Button small title={`In on frame ${frame} (i)`} onClick={() => ranged([frame, Math.max(frame, to)])}>
          Here
        </Button>
        <label>
          Out
          <FrameField at={to} first={first} last={last} onGo={(frame) => ranged([from, frame])} />
        </label>
        <Button small title={`Out on frame ${frame} (o)`} onClick={() => ranged([Math.min(from, frame), frame])}>
          Here
        </Button>
      </div>
      {outOfOrder && (
        <small role="alert" className={styles.wrong}>
          {outOfOrder}
        </small>
      )}
      <Button small look="danger" disabled={draft.objects.length < 2} onClick={() => onRemove(picked.key)}>
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
    on ? `${plural(on, "click")} on it` : "",
    beside ? `${plural(beside, "click")} beside it` : "",
    said.box ? "a box" : "",
    said.curves ? "a shape" : "",
    said.paint?.base && !said.paint.strokes.length ? "a mask" : "",
    said.paint?.strokes.length ? `${plural(said.paint.strokes.length, "stroke")} painted` : "",
    said.choice ? "another mask chosen" : "",
    isMoved ? "its outline moved" : "",
  ].filter(Boolean);
  const text = parts.join(", ");
  return text ? `${text[0]?.toUpperCase()}${text.slice(1)}.` : "Nothing is said on this frame.";
}
