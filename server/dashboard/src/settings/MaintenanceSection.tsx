import { useState } from "react";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import { ProblemBox } from "../ui/ProblemBox";
import { sayRefused } from "../ui/Toasts";
import { exact } from "../ui/time";
import { useMaintenance, useSetMaintenance } from "./useSettings";

const OFF = { on: false, message: "", until: null, farm_waits: false };

export function MaintenanceSection() {
  const now = useMaintenance();
  const set = useSetMaintenance();
  const [beginning, setBeginning] = useState(false);
  const [message, setMessage] = useState("");
  const [farmWaits, setFarmWaits] = useState(false);
  if (now.error) return <ProblemBox problem={now.error} />;
  if (!now.data) return null;
  return (
    <section>
      <h2>Maintenance</h2>
      {now.data.on ? (
        <>
          <p>
            On since {now.data.since ? exact(now.data.since) : "a while"}: {now.data.message || "no word about why."}
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
          work={() => set.mutateAsync({ on: true, message, until: null, farm_waits: farmWaits })}
          onClose={() => setBeginning(false)}
        >
          <Field label="What people are told">
            <input value={message} maxLength={1000} onChange={(event) => setMessage(event.target.value)} />
          </Field>
          <label>
            <input type="checkbox" checked={farmWaits} onChange={(event) => setFarmWaits(event.target.checked)} /> Workers
            are given nothing new meanwhile
          </label>
        </ConfirmDialog>
      )}
    </section>
  );
}
