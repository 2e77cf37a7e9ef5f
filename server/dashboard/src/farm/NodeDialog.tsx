import { useState } from "react";
import type { Node } from "../api/farm";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import { say } from "../ui/Toasts";
import { type NodeState, useSetNodeState } from "./useFarm";

const VERBS: Record<NodeState, string> = { enabled: "Enable", draining: "Drain", disabled: "Disable" };
const WHAT: Record<NodeState, string> = {
  enabled: "It is given work again.",
  draining: "It finishes what it runs and is given nothing new.",
  disabled: "It gives back what it runs, at once; another node goes on with it. It is given nothing new.",
};

/** Says what a node's new state does, and asks why: who waits for the node reads the reason. */
export function NodeDialog({ node, state, onClose }: { node: Node; state: NodeState; onClose(): void }) {
  const [reason, setReason] = useState("");
  const change = useSetNodeState();
  const running = node.workers.filter(({ current }) => current).length;
  const needsReason = state !== "enabled";
  return (
    <ConfirmDialog
      title={`${VERBS[state]} ${node.id}?`}
      verb={VERBS[state]}
      dangerous={state === "disabled"}
      disabled={needsReason && !reason.trim()}
      work={async () => {
        await change.mutateAsync({ node: node.id, state, reason: reason.trim() });
        say(`${node.id} is ${state}.`);
      }}
      onClose={onClose}
    >
      <p>
        {WHAT[state]} {running > 0 && needsReason && `It runs ${running} ${running === 1 ? "task" : "tasks"} now.`}
      </p>
      {needsReason && (
        <Field label="Reason" hint="Needed: who waits for the node reads it.">
          <input required value={reason} maxLength={200} onChange={(event) => setReason(event.target.value)} />
        </Field>
      )}
    </ConfirmDialog>
  );
}
