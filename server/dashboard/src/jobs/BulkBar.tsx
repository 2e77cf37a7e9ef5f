import { useState } from "react";
import { may } from "../session/session";
import { Button } from "../ui/Button";
import { say } from "../ui/Toasts";
import { BulkDialog } from "./BulkDialog";
import { type Action, can, jobs, type Refused } from "./bulk";
import type { JobRow, Priority } from "./filters";
import styles from "./Jobs.module.css";
import { PRIORITY_NAMES } from "./names";
import { RefusedDialog } from "./RefusedDialog";
import { NOTHING, useTable } from "./selecting";

export interface Wanted {
  action: Action;
  priority?: Priority;
}

const VERBS: { action: Exclude<Action, "priority">; verb: string; why: string }[] = [
  { action: "cancel", verb: "Cancel", why: "None of them waits or runs." },
  { action: "retry", verb: "Retry", why: "None of them has failed or was cancelled." },
  { action: "delete", verb: "Delete", why: "None of them is a version of results." },
];
const DONE: Record<Action, string> = {
  cancel: "cancelled.",
  retry: "to be run again.",
  delete: "put into the trash.",
  priority: "given another priority.",
};
const NOT_YOURS = "None of them is yours to change.";
const ARCHIVED = "Jobs in the archive are cancelled and no more.";

/** What can be done with the selected jobs. */
export function BulkBar({ chosen, onDeleted }: { chosen: readonly JobRow[]; onDeleted(): void }) {
  const [wanted, setWanted] = useState<Wanted | null>(null);
  // Kept apart from what is chosen: after a deletion that may be nothing, and who refused is to be read.
  const [told, setTold] = useState<{ refused: readonly Refused[]; rows: readonly JobRow[] } | null>(null);
  const mine = chosen.some((row) => may(row, "cancel"));
  const edits = chosen.some((row) => may(row, "edit_shot"));

  if (told) return <RefusedDialog {...told} onClose={() => setTold(null)} />;
  if (!chosen.length) return null;
  return (
    <div className={styles.bulk} role="region" aria-label="Selected jobs">
      <strong>{jobs(chosen.length)} selected</strong>
      {!mine && <span>{NOT_YOURS}</span>}
      {mine &&
        VERBS.map(({ action, verb, why }) => {
          const possible = chosen.some((row) => can(action, row));
          return (
            <Button
              key={action}
              small
              look={action === "delete" ? "danger" : "plain"}
              disabled={!possible}
              title={possible ? undefined : edits ? why : ARCHIVED}
              onClick={() => setWanted({ action })}
            >
              {verb}…
            </Button>
          );
        })}
      {mine && chosen.some((row) => can("priority", row)) && (
        <select
          className={styles.choice}
          aria-label="Change priority"
          value=""
          onChange={(event) => setWanted({ action: "priority", priority: event.target.value as Priority })}
        >
          <option value="">Priority…</option>
          {Object.entries(PRIORITY_NAMES).map(([priority, name]) => (
            <option key={priority} value={priority}>
              {name}
            </option>
          ))}
        </select>
      )}
      <Button small look="bare" onClick={() => useTable.setState(NOTHING)}>
        Select none
      </Button>
      {wanted && (
        <BulkDialog
          wanted={wanted}
          chosen={chosen}
          onDone={(done, refused) => {
            if (done) say(`${jobs(done)} ${DONE[wanted.action]}`);
            if (refused.length) setTold({ refused, rows: chosen });
            if (wanted.action === "delete" && done) onDeleted();
          }}
          onClose={() => setWanted(null)}
        />
      )}
    </div>
  );
}
