import { useState } from "react";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import { sayRefused } from "../ui/Toasts";
import { ProblemBox } from "../ui/ProblemBox";
import page from "../ui/Page.module.css";
import { Waiting } from "../ui/Waiting";
import { readValue, writeValue } from "./values";
import { type Entry, useChange, useConfig } from "./useSettings";

export function ConfigSection() {
  const config = useConfig();
  const [changing, setChanging] = useState<Entry | null>(null);
  const problem = config.error && <ProblemBox problem={config.error} again={() => void config.refetch()} />;
  if (!config.data) return problem ?? <Waiting />;
  return (
    <section>
      <h2>Settings</h2>
      <p>They hold on all servers within two seconds. What is not here is set on the server's machine.</p>
      {problem}
      <div className={page.scroll} tabIndex={0}>
        <table className={`${page.table} ${page.cards}`}>
          <thead>
            <tr>
              <th>Setting</th>
              <th>Value</th>
              <th>From</th>
              <th>Change</th>
            </tr>
          </thead>
          <tbody>
            {config.data.items.map((entry) => (
              <tr key={entry.name}>
                <th scope="row">
                  {entry.name}
                  <small>{entry.about}</small>
                </th>
                <td data-label="Value">
                  <code>{writeValue(entry.value)}</code>
                </td>
                <td data-label="From">
                  <span>
                    {entry.source}
                    {entry.changed_by_name && <small>{entry.changed_by_name}</small>}
                  </span>
                </td>
                <td>
                  <Button small aria-label={`Change ${entry.name}`} onClick={() => setChanging(entry)}>
                    Change
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {changing && <ChangeDialog entry={changing} onClose={() => setChanging(null)} />}
    </section>
  );
}

function ChangeDialog({ entry, onClose }: { entry: Entry; onClose(): void }) {
  const [text, setText] = useState(writeValue(entry.value));
  const change = useChange();
  return (
    <ConfirmDialog
      title={`Change ${entry.name}`}
      verb="Change"
      work={() => change.mutateAsync({ name: entry.name, value: readValue(text, entry.default) })}
      onClose={onClose}
    >
      <Field label={entry.about} hint={`Without a change: ${writeValue(entry.default) || "empty"}.`}>
        <input value={text} onChange={(event) => setText(event.target.value)} />
      </Field>
      {entry.source === "changed" && (
        <Button
          small
          onClick={() => change.mutate({ name: entry.name, value: null }, { onSuccess: onClose, onError: sayRefused })}
        >
          Put the default back
        </Button>
      )}
    </ConfirmDialog>
  );
}
