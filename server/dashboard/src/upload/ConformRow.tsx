import { useState } from "react";
import { Link } from "react-router";
import { problemOf } from "../api/problem";
import type { EventIn } from "../api/schema";
import { Button } from "../ui/Button";
import page from "../ui/Page.module.css";
import { type Event, useEventChange } from "./useConform";
import styles from "./Upload.module.css";

const STATES: Record<Event["state"], string> = {
  matched: "✓ Found",
  ambiguous: "◆ Choose one",
  unmatched: "✕ Nothing found",
  short: "✕ Lacks frames",
  no_media: "◼ No media",
  skipped: "◼ Skipped",
};
const BAD: readonly Event["state"][] = ["unmatched", "short"];
const CHANGES: Record<Event["change"], string> = {
  new: "",
  same: "as before",
  moved: "moved in the edit",
  trimmed: "cut otherwise",
};

interface RowProps {
  listId: string;
  event: Event;
  busy: boolean;
}

/** An event of the list; what cannot be found is told here by hand. */
export function ConformRow({ listId, event, busy }: RowProps) {
  const { mutate: onChange, isPending, error: refused } = useEventChange(listId, event.index);
  const { number, name, state, change, shot_id, made, error } = event;
  const open = !made && state !== "no_media";
  const problem = refused && problemOf(refused);
  return (
    <tr aria-busy={isPending}>
      <td data-label="Event">
        {number}
        <small>{event.track}</small>
      </td>
      <td data-label="Shot">
        {shot_id ? (
          <Link to={`/shots/${shot_id}`}>{name}</Link>
        ) : open && state !== "skipped" ? (
          <input
            key={name}
            className={styles.name}
            aria-label={`Shot of event ${number}`}
            defaultValue={name}
            disabled={busy}
            maxLength={100}
            onBlur={({ target }) => {
              const text = target.value.trim();
              if (text && text !== name) onChange({ name: text });
            }}
          />
        ) : (
          name
        )}
        {CHANGES[change] && <small>{CHANGES[change]}</small>}
      </td>
      <td data-label="State">
        <span className={BAD.includes(state) ? page.bad : ""}>{made ? "✓ Made" : STATES[state]}</span>
        {error && <Told message={error.message} hint={error.hint} />}
        {problem && <Told message={problem.message} hint={problem.hint} />}
        {event.remarks.map(({ code, message }) => (
          <small key={code}>{message}</small>
        ))}
      </td>
      <td data-label="Clip">
        {event.clip || event.file || event.reel}
        {event.speed !== 1 && <small>speed {event.speed}</small>}
      </td>
      <td className={styles.times} data-label="Source">
        {event.source.in}
        <br />
        {event.source.out}
      </td>
      <td className={page.path} data-label="Plate">
        <Plate event={event} open={open} busy={busy} onChange={onChange} />
      </td>
      <td data-label="Frames">
        <Frames event={event} />
        {event.handles.some(Boolean) && (
          <small>
            handles {event.handles[0]} + {event.handles[1]}
          </small>
        )}
      </td>
      <td>
        {open && (
          <Button
            small
            disabled={busy}
            aria-label={`${state === "skipped" ? "Take in" : "Skip"} event ${number}`}
            onClick={() => onChange({ skip: state !== "skipped" })}
          >
            {state === "skipped" ? "Take in" : "Skip"}
          </Button>
        )}
      </td>
    </tr>
  );
}

/** Of a plate that only a worker can read they are found then, and told by the shot that was made of it. */
function Frames({ event: { frames, match, shot_id } }: { event: Event }) {
  if (frames) return <>{`${frames[0]}–${frames[1]}`}</>;
  if (shot_id) return <Link to={`/shots/${shot_id}`}>see the shot</Link>;
  return <>{match ? "when it is read" : "–"}</>;
}

interface PlateProps {
  event: Event;
  open: boolean;
  busy: boolean;
  onChange(body: EventIn): void;
}

const OTHER = "other";

/** What was found, or what may be meant; named by hand where neither is right. */
function Plate({ event, open, busy, onChange }: PlateProps) {
  const { number, state, match, candidates } = event;
  const [byHand, setByHand] = useState(false);
  if (!open || state === "skipped") return <>{match?.path ?? "–"}</>;
  if (byHand || (!match && !candidates.length)) {
    return (
      <ByHand
        number={number}
        path={match?.path ?? ""}
        busy={busy}
        onPath={(path) => {
          setByHand(false);
          if (path && path !== match?.path) onChange({ path });
        }}
      />
    );
  }
  if (candidates.length > 1 || !match) {
    return (
      <select
        aria-label={`Plate of event ${number}`}
        value={match?.path ?? ""}
        disabled={busy}
        onChange={({ target }) => (target.value === OTHER ? setByHand(true) : onChange({ path: target.value }))}
      >
        {!match && <option value="">Choose one</option>}
        {candidates.map(({ path }) => (
          <option key={path}>{path}</option>
        ))}
        {match && !candidates.some(({ path }) => path === match.path) && <option>{match.path}</option>}
        <option value={OTHER}>Another, named by hand…</option>
      </select>
    );
  }
  return (
    <>
      {match.path}{" "}
      <Button small look="bare" aria-label={`Other plate… for event ${number}`} disabled={busy} onClick={() => setByHand(true)}>
        Other plate…
      </Button>
    </>
  );
}

interface ByHandProps {
  number: string;
  path: string;
  busy: boolean;
  onPath(path: string): void;
}

function ByHand({ number, path, busy, onPath }: ByHandProps) {
  return (
    <input
      className={styles.name}
      aria-label={`Plate of event ${number}`}
      placeholder="Name the plate by hand"
      defaultValue={path}
      disabled={busy}
      onKeyDown={(event) => {
        if (event.key === "Escape") event.currentTarget.value = path;
        if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
      }}
      onBlur={({ target }) => onPath(target.value.trim())}
    />
  );
}

function Told({ message, hint }: { message: unknown; hint: unknown }) {
  return (
    <small className={page.bad} role="alert">
      {typeof message === "string" && message} {typeof hint === "string" && hint}
    </small>
  );
}
