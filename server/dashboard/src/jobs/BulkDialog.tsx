import { useQueryClient } from "@tanstack/react-query";
import { keys } from "../api/queries";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { lookOf } from "../ui/states";
import type { Wanted } from "./BulkBar";
import { type Action, can, jobs, type Refused, run } from "./bulk";
import type { JobRow, Priority } from "./filters";
import { PRIORITY_NAMES } from "./names";

interface BulkDialogProps {
  wanted: Wanted;
  chosen: readonly JobRow[];
  onDone(done: number, refused: readonly Refused[]): void;
  onClose(): void;
}

const VERBS: Record<Exclude<Action, "priority">, string> = { cancel: "Cancel", retry: "Retry", delete: "Delete" };
const WHAT: Record<Action, string> = {
  cancel: "What they have done so far is kept for a retry.",
  retry: "They run again from the first stage that is not done.",
  delete: "Their versions go to the trash, from which a supervisor can take them again. What still runs is cancelled.",
  priority: "What waits changes its place in the queue at once.",
};

/** Says to how many jobs something will be done, of which state they are, and which are left alone. */
export function BulkDialog({ wanted: { action, priority }, chosen, onDone, onClose }: BulkDialogProps) {
  const queries = useQueryClient();
  const those = chosen.filter((row) => can(action, row));
  const left = chosen.length - those.length;
  return (
    <ConfirmDialog
      title={`${title(action, priority, those.length)}?`}
      verb={title(action, priority, those.length)}
      dangerous={action === "cancel" || action === "delete"}
      work={async () => {
        const { done, refused } = await run(action, those.map((row) => row.id), priority);
        void queries.invalidateQueries({ queryKey: keys.jobs });
        onDone(done, refused);
      }}
      onClose={onClose}
    >
      <p>{byState(those)}</p>
      <p>{WHAT[action]}</p>
      {left > 0 && (
        <p>
          {jobs(left)} of the {chosen.length} selected {left === 1 ? "is" : "are"} left alone: it does not apply to{" "}
          {left === 1 ? "it" : "them"}, or you may not change {left === 1 ? "it" : "them"}.
        </p>
      )}
    </ConfirmDialog>
  );
}

function title(action: Action, priority: Priority | undefined, number: number): string {
  if (action === "priority") return `Set ${jobs(number)} to ${PRIORITY_NAMES[priority ?? "normal"].toLowerCase()}`;
  return `${VERBS[action]} ${jobs(number)}`;
}

/** "2 running, 1 queued." */
export function byState(rows: readonly Pick<JobRow, "state">[]): string {
  const counts = new Map<string, number>();
  for (const { state } of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
  const told = [...counts].map(([state, number]) => `${number} ${lookOf(state).label.toLowerCase()}`);
  return `${told.join(", ")}.`;
}
