import { useState } from "react";
import { Link } from "react-router";
import { Button } from "../ui/Button";
import { bytesText } from "../ui/bytes";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { lasting } from "../ui/time";
import {
  cancel,
  forget,
  isActive,
  isHeld,
  isOver,
  pause,
  pauseAll,
  resume,
  resumeAll,
  type Sending,
  type Stage,
  useQueue,
} from "./queue";
import { Reading } from "./Reading";
import { remaining } from "./speed";
import { totalsOf } from "./totals";
import styles from "./Upload.module.css";

const STAGES: Record<Stage, string> = {
  waiting: "○ Waits its turn",
  hashing: "▶ Being read here",
  uploading: "▶ Uploading",
  checking: "▶ Checked by the server",
  making: "▶ Becoming its shot's plate",
  done: "✓ Sent",
  paused: "◼ Paused",
  failed: "✕ Stopped",
};

/** What is on its way, and what has arrived. */
export function SendingList() {
  const { items, keeps } = useQueue();
  const [leaving, setLeaving] = useState<Sending | null>(null);
  if (!items.length) return null;
  const over = items.filter(isOver);
  const held = items.filter(isHeld);
  return (
    <section className={page.section} aria-label="On their way">
      <header>
        <h2>On their way</h2>
        {held.length > 1 && (
          <Button small onClick={resumeAll}>
            Go on with all
          </Button>
        )}
        {items.length - over.length - held.length > 1 && (
          <Button small onClick={pauseAll}>
            Pause all
          </Button>
        )}
        {over.length > 0 && (
          <Button small onClick={() => over.forEach(({ id }) => forget(id))}>
            Clear what was sent
          </Button>
        )}
      </header>
      {items.length > 1 && over.length < items.length && <All items={items} />}
      {!keeps && (
        <p className={page.dim}>
          This browser keeps nothing for later: after a reload, drop the same files again and they go on.
        </p>
      )}
      <div className={page.scroll} tabIndex={0}>
        <table className={`${page.table} ${page.stacked}`}>
          <thead>
            <tr>
              <th>Shot</th>
              <th>Plate</th>
              <th>State</th>
              <th>Progress</th>
              <th aria-label="Pause, go on or cancel" />
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <Row key={item.id} item={item} onCancel={() => setLeaving(item)} />
            ))}
          </tbody>
        </table>
      </div>
      {leaving && (
        <ConfirmDialog
          title={`Cancel the upload of ${leaving.name}?`}
          verb="Cancel the upload"
          dangerous
          work={() => cancel(leaving.id)}
          onClose={() => setLeaving(null)}
        >
          <p>What has arrived of it ({bytesText(leaving.sent)}) is removed from the server. Pause keeps it.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function All({ items }: { items: readonly Sending[] }) {
  const { plates, over, bytes, sent, rate, left } = totalsOf(items);
  return (
    <div className={styles.all}>
      <Bar label="All plates" share={bytes ? sent / bytes : 0} />
      <small>
        {over} of {plates} plates, {bytesText(sent)} of {bytesText(bytes)}
        {rate ? `, ${bytesText(rate)}/s` : ""}
        {left !== null && left >= 1 ? `, ${lasting(left)} left` : ""}
      </small>
    </div>
  );
}

function Row({ item, onCancel }: { item: Sending; onCancel(): void }) {
  const { id, name, plate, stage, problem, shotId, kept } = item;
  return (
    <tr>
      <td>
        {shotId ? <Link to={`/shots/${shotId}`}>{name}</Link> : name}
        {kept.target ? <small>new version, {kept.target.view}</small> : shotId && <Reading shotId={shotId} />}
      </td>
      <td className={page.path} data-label="Plate">
        {plate.title}
      </td>
      <td data-label="State">
        {STAGES[stage]}
        {problem && <ProblemBox problem={problem} />}
        {problem?.code === "conflict" && !kept.target && <NewName item={item} />}
      </td>
      <td className={styles.progress} data-label="Progress">
        <Progress item={item} />
      </td>
      <td>
        <div className={page.actions}>
          {(isActive(item) || stage === "waiting") && (
            <Button small aria-label={`Pause ${name}`} onClick={() => pause(id)}>
              Pause
            </Button>
          )}
          {isHeld(item) && (
            <Button small aria-label={`Go on with ${name}`} onClick={() => resume(id)}>
              Go on
            </Button>
          )}
          {!isOver(item) && (
            <Button small aria-label={`Cancel ${name}`} onClick={onCancel}>
              Cancel…
            </Button>
          )}
        </div>
      </td>
    </tr>
  );
}

function Progress({ item }: { item: Sending }) {
  const { plate, stage, done, rate } = item;
  if (stage === "done") return <>{bytesText(plate.size)}</>;
  const left = isActive(item) ? remaining(rate, plate.size - done) : null;
  return (
    <>
      <Bar label={`${item.name}: ${STAGES[stage].slice(2)}`} share={plate.size ? done / plate.size : 0} />
      <small>
        {bytesText(done)} of {bytesText(plate.size)}
        {rate ? `, ${bytesText(rate)}/s` : ""}
        {left !== null && left >= 1 ? `, ${lasting(left)} left` : ""}
      </small>
    </>
  );
}

function Bar({ label, share }: { label: string; share: number }) {
  return (
    <div className={page.track} role="progressbar" aria-label={label} aria-valuenow={Math.round(share * 100)}>
      <span style={{ width: `${share * 100}%` }} />
    </div>
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
