import { useEffect, useState } from "react";
import { Link } from "react-router";
import { Button } from "../ui/Button";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { lasting } from "../ui/time";
import { forget, isActive, isOver, pause, resume, type Sending, type Stage, useQueue } from "./queue";
import { bytesText, remaining } from "./speed";
import styles from "./Upload.module.css";

const STAGES: Record<Stage, string> = {
  waiting: "○ Waits its turn",
  hashing: "▶ Being read here",
  uploading: "▶ Uploading",
  checking: "▶ Checked by the server",
  making: "▶ Becoming a shot",
  done: "✓ Sent",
  paused: "◼ Paused",
  failed: "✕ Stopped",
};

/** What is on its way, and what has arrived. */
export function SendingList() {
  const items = useQueue((state) => state.items);
  useStayOnPage(items.some(isActive));
  if (!items.length) return null;
  const over = items.filter(isOver);
  return (
    <section className={page.section} aria-label="On their way">
      <header>
        <h2>On their way</h2>
        {over.length > 0 && (
          <Button small onClick={() => over.forEach(({ id }) => forget(id))}>
            Clear what was sent
          </Button>
        )}
      </header>
      <div className={page.scroll}>
        <table className={page.table}>
          <thead>
            <tr>
              <th>Shot</th>
              <th>Plate</th>
              <th>State</th>
              <th>Progress</th>
              <th aria-label="Pause or go on" />
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <Row key={item.id} item={item} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Row({ item }: { item: Sending }) {
  const { id, name, plate, stage, problem, shotId } = item;
  return (
    <tr>
      <td>{shotId ? <Link to={`/shots/${shotId}`}>{name}</Link> : name}</td>
      <td className={page.path}>{plate.title}</td>
      <td>
        {STAGES[stage]}
        {problem && <ProblemBox problem={problem} />}
        {problem?.code === "conflict" && <NewName item={item} />}
      </td>
      <td className={styles.progress}>
        <Progress item={item} />
      </td>
      <td>
        <div className={page.actions}>
          {(isActive(item) || stage === "waiting") && (
            <Button small aria-label={`Pause ${name}`} onClick={() => pause(id)}>
              Pause
            </Button>
          )}
          {(stage === "paused" || stage === "failed") && (
            <>
              <Button small aria-label={`Go on with ${name}`} onClick={() => resume(id)}>
                Go on
              </Button>
              <Button small look="bare" aria-label={`Take ${name} off the list`} onClick={() => forget(id)}>
                ✕
              </Button>
            </>
          )}
        </div>
      </td>
    </tr>
  );
}

function Progress({ item }: { item: Sending }) {
  const { plate, stage, done, rate } = item;
  if (stage === "done") return <>{bytesText(plate.size)}</>;
  const share = plate.size ? done / plate.size : 0;
  const left = isActive(item) ? remaining(rate, plate.size - done) : null;
  return (
    <>
      <div
        className={page.track}
        role="progressbar"
        aria-label={`${item.name}: ${STAGES[stage].slice(2)}`}
        aria-valuenow={Math.round(share * 100)}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
      <small>
        {bytesText(done)} of {bytesText(plate.size)}
        {rate ? `, ${bytesText(rate)}/s` : ""}
        {left !== null && left >= 1 ? `, ${lasting(left)} left` : ""}
      </small>
    </>
  );
}

/** The bytes are there, only the name was taken: with another one the shot is made at once. */
function NewName({ item }: { item: Sending }) {
  const [name, setName] = useState(item.name);
  return (
    <form
      className={styles.states}
      onSubmit={(event) => {
        event.preventDefault();
        resume(item.id, name.trim());
      }}
    >
      <input
        className={styles.name}
        aria-label={`Another name for ${item.name}`}
        value={name}
        maxLength={100}
        onChange={(event) => setName(event.target.value)}
      />
      <Button small type="submit" disabled={!name.trim() || name.trim() === item.name}>
        Make the shot
      </Button>
    </form>
  );
}

/** The browser asks before it leaves while something is being sent. */
function useStayOnPage(sending: boolean): void {
  useEffect(() => {
    if (!sending) return undefined;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [sending]);
}
