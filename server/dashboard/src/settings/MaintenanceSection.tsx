import { useState } from "react";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { sayRefused } from "../ui/Toasts";
import { exact } from "../ui/time";
import { useMaintenance, useSetMaintenance } from "./useSettings";
import { momentOf } from "./values";

const OFF = { on: false, message: "", until: null, farm_waits: false };

export function MaintenanceSection() {
  const now = useMaintenance();
  const set = useSetMaintenance();
  const [beginning, setBeginning] = useState(false);
  const [message, setMessage] = useState("");
  const [end, setEnd] = useState("");
  const [farmWaits, setFarmWaits] = useState(false);
  const until = momentOf(end);
  const isOver = until !== null && until.getTime() <= Date.now();
  if (now.error) return <ProblemBox problem={now.error} />;
  if (!now.data) return null;
  return (
    <section>
      <h2>Maintenance</h2>
      {now.data.on ? (
        <>
          <p>
            On since {now.data.since ? exact(now.data.since) : "a while"}: {now.data.message || "no word about why."}
            {now.data.until && ` (expected to end ${exact(now.data.until)})`}
            {now.data.farm_waits && " Workers are given nothing new."}
          </p>
          <Button onClick={() => set.mutate(OFF, { onError: sayRefused })}>End it</Button>
        </>
      ) : (
        <>
          <p>Off. While it is on, everything can be looked at and only administrators change anything.</p>
          <Button onClick={() => setBeginning(true)}>Begin</Button>
        </>
      )}
      {beginning && (
        <ConfirmDialog
          title="Begin maintenance?"
          verb="Begin"
          disabled={isOver}
          work={() =>
            set.mutateAsync({ on: true, message, until: until?.toISOString() ?? null, farm_waits: farmWaits })
          }
          onClose={() => setBeginning(false)}
        >
          <div className={page.form}>
            <Field label="What people are told">
              <input value={message} maxLength={1000} onChange={(event) => setMessage(event.target.value)} />
            </Field>
            <Field
              label="Expected to end"
              hint="People are told. It does not end by itself."
              wrong={isOver ? "That is over already." : undefined}
            >
              <input type="datetime-local" value={end} onChange={(event) => setEnd(event.target.value)} />
            </Field>
            <label className={page.check}>
              <input type="checkbox" checked={farmWaits} onChange={(event) => setFarmWaits(event.target.checked)} />
              Workers are given nothing new meanwhile
            </label>
          </div>
        </ConfirmDialog>
      )}
    </section>
  );
}
