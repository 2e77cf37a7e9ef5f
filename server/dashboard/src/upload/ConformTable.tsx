import { useState } from "react";
import { Link } from "react-router";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { rateText } from "../ui/rates";
import { say, sayRefused } from "../ui/Toasts";
import { Waiting } from "../ui/Waiting";
import { plural } from "../ui/words";
import { ConformRow } from "./ConformRow";
import { ready, useConform, useConformChanges } from "./useConform";
import styles from "./Upload.module.css";

/** An edit list event by event: what each is in the plates, before anything is made of it. */
export function ConformTable({ id, onClose }: { id: string; onClose(): void }) {
  const conform = useConform(id);
  const { match, apply, remove, busy } = useConformChanges(id);
  const [leaving, setLeaving] = useState(false);
  if (conform.isPending) return <Waiting />;
  if (!conform.data) return <ProblemBox problem={conform.error} again={() => void conform.refetch()} />;
  const list = conform.data;
  const count = ready(list).length;
  return (
    <section aria-label={list.name}>
      <header className={page.head}>
        <h2>
          {list.name} <span className={page.dim}>{list.title !== list.name && list.title}</span>
        </h2>
        <Button onClick={onClose}>All lists</Button>
        <Button
          disabled={busy}
          onClick={() => match.mutate(list.folders.map(({ path }) => path), { onError: sayRefused })}
        >
          Look for media again
        </Button>
        <Button look="danger" onClick={() => setLeaving(true)}>
          Delete…
        </Button>
        {count === 0 && <span className={page.dim}>{whyNone(list)}</span>}
        <Button
          look="main"
          disabled={busy || count === 0}
          onClick={() =>
            apply.mutate(undefined, { onSuccess: ({ made }) => say(`${plural(made, "event")} ${made === 1 ? "is a shot" : "are shots"} now.`) })
          }
        >
          {apply.isPending ? "Making…" : count === 0 ? "Make shots" : `Make ${plural(count, "shot")}`}
        </Button>
      </header>
      <Figures list={list} />
      {apply.error && <ProblemBox problem={apply.error} />}
      <div className={page.scroll} tabIndex={0}>
        <table className={`${page.table} ${page.stacked}`}>
          <thead>
            <tr>
              <th>Event</th>
              <th>Shot</th>
              <th>State</th>
              <th>Clip</th>
              <th>Source</th>
              <th>Plate</th>
              <th>Frames</th>
              <th aria-label="Skip" />
            </tr>
          </thead>
          <tbody>
            {list.entries.map((entry) => (
              <ConformRow
                key={entry.index}
                listId={id}
                event={entry}
                // Not while another event changes: who goes on by keys would lose their place.
                busy={match.isPending || apply.isPending}
              />
            ))}
          </tbody>
        </table>
      </div>
      {leaving && (
        <ConfirmDialog
          title={`Delete the list ${list.name}?`}
          verb="Delete"
          dangerous
          work={async () => {
            await remove.mutateAsync();
            onClose();
          }}
          onClose={() => setLeaving(false)}
        >
          <p>What was made of it ({plural(list.made, "shot")}) stays as it is.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

/** Why no shot can be made of the list now. */
export function whyNone({ entries }: { entries: readonly { made: boolean; state: string }[] }): string {
  const open = entries.filter(({ made, state }) => !made && state !== "no_media" && state !== "skipped");
  if (open.length) return `${plural(open.length, "event")} ${open.length === 1 ? "lacks its" : "lack their"} plate: name one, or skip.`;
  return entries.some(({ made }) => made) ? "Every event that is taken in is a shot already." : "No event is taken in.";
}

function Figures({ list }: { list: NonNullable<ReturnType<typeof useConform>["data"]> }) {
  const told = Object.entries(list.states).map(([state, count]) => `${count} ${state.replace("_", " ")}`);
  const left = Object.entries(list.left_out).map(([kind, count]) => `${count} ${kind.replaceAll("_", " ")}`);
  return (
    <>
      <p className={styles.states}>
        <span>
          {list.events} events at {rateText(list.fps)} a second: {told.join(", ")}
        </span>
        <span className={page.dim}>Handles {list.handles}</span>
        {left.length > 0 && <span className={page.dim}>Left out: {left.join(", ")}</span>}
      </p>
      {list.folders.map(({ path, plates, ended_by }) => (
        <p key={path} className={ended_by ? page.bad : page.dim}>
          <span className={page.path}>{path}</span>: {plural(plates, "plate")}
          {ended_by && `: not all was looked through, the limit of ${ended_by} was reached; name a folder further down`}
        </p>
      ))}
      {list.gone.length > 0 && (
        <p>
          Not in this list any more, and left as they are:{" "}
          {list.gone.map(({ shot_id, name }) => (
            <Link key={shot_id} to={`/shots/${shot_id}`}>
              {name}{" "}
            </Link>
          ))}
        </p>
      )}
    </>
  );
}
