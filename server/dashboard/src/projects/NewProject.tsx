import { useState } from "react";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { linesOf } from "./draft";
import { useCreateProject } from "./changes";

interface NewProps {
  onMade(id: string): void;
  onClose(): void;
}

/** A project by its name; all else can be said now or later. */
export function NewProject({ onMade, onClose }: NewProps) {
  const create = useCreateProject();
  const [name, setName] = useState("");
  const [client, setClient] = useState("");
  const [roots, setRoots] = useState("");
  return (
    <ConfirmDialog
      title="New project"
      verb="Make it"
      disabled={!name.trim()}
      work={async () => {
        const made = await create.mutateAsync({
          name: name.trim(),
          client: client.trim(),
          allowed_roots: linesOf(roots),
        });
        onMade(made.id);
      }}
      onClose={onClose}
    >
      <div className={page.form}>
        <Field label="Name" hint="Letters, digits, _ - . and spaces.">
          <input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label="Client">
          <input value={client} maxLength={200} onChange={(event) => setClient(event.target.value)} />
        </Field>
        <Field label="Folders plates may be read from, one a line" hint="Only folders that the server itself may read.">
          <textarea rows={3} value={roots} onChange={(event) => setRoots(event.target.value)} />
        </Field>
      </div>
    </ConfirmDialog>
  );
}
