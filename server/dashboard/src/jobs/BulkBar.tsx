import { useState } from "react";
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

/** What can be done with the selected jobs. */
export function BulkBar({ chosen, onDeleted }: { chosen: readonly JobRow[]; onDeleted(): void }) {
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const mine = chosen.some((row) => row.may.includes("edit_shot"));

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
              title={possible ? undefined : why}
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
          onDone={(done, told) => {
            if (done) say(`${jobs(done)} ${DONE[wanted.action]}`);
            setRefused(told);
            if (wanted.action === "delete" && done) onDeleted();
          }}
          onClose={() => setWanted(null)}
        />
      )}
      {refused.length > 0 && (
        <RefusedDialog refused={refused} rows={chosen} onClose={() => setRefused([])} />
      )}
    </div>
  );
}
