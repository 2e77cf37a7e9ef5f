import { Link } from "react-router";
import type { EventIn } from "../api/schema";
import { Button } from "../ui/Button";
import page from "../ui/Page.module.css";
import type { Event } from "./useConform";
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
  event: Event;
  busy: boolean;
  onChange(body: EventIn): void;
}

/** An event of the list; what cannot be found is told here by hand. */
export function ConformRow({ event, busy, onChange }: RowProps) {
  const { number, name, state, change, shot_id, made, error } = event;
  const told = error && typeof error.message === "string" ? error.message : "";
  const open = !made && state !== "no_media";
  return (
    <tr>
      <td>
        {number}
        <small>{event.track}</small>
      </td>
      <td>
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
      <td>
        <span className={BAD.includes(state) ? page.bad : ""}>{made ? "✓ Made" : STATES[state]}</span>
        {told && <small className={page.bad}>{told}</small>}
        {event.remarks.map(({ code, message }) => (
          <small key={code}>{message}</small>
        ))}
      </td>
      <td>
        {event.clip || event.file || event.reel}
        {event.speed !== 1 && <small>speed {event.speed}</small>}
      </td>
      <td className={styles.times}>
        {event.source.in}
        <br />
        {event.source.out}
      </td>
      <td className={page.path}>
        {open && event.candidates.length > 1 ? (
          <select
            aria-label={`Plate of event ${number}`}
            value={event.match?.path ?? ""}
            disabled={busy}
            onChange={({ target }) => onChange({ path: target.value })}
          >
            {!event.match && <option value="">Choose one</option>}
            {event.candidates.map(({ path }) => (
              <option key={path}>{path}</option>
            ))}
          </select>
        ) : (
          (event.match?.path ?? (open && state === "unmatched" && <ByHand number={number} busy={busy} onChange={onChange} />))
        )}
      </td>
      <td>{event.frames ? `${event.frames[0]}–${event.frames[1]}` : event.match ? "when it is read" : "–"}</td>
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

function ByHand({ number, busy, onChange }: { number: string; busy: boolean; onChange: RowProps["onChange"] }) {
  return (
    <input
      className={styles.name}
      aria-label={`Plate of event ${number}`}
      placeholder="Name the plate by hand"
      disabled={busy}
      onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()}
      onBlur={({ target }) => {
        if (target.value.trim()) onChange({ path: target.value.trim() });
      }}
    />
  );
}
