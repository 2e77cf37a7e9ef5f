import { useState } from "react";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import { say } from "../ui/Toasts";
import { type Role, ROLES, useInvite } from "./usePeople";

/** A mail with a link to choose a password goes to whoever is invited. */
export function InviteDialog({ onClose }: { onClose(): void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("artist");
  const invite = useInvite();
  return (
    <ConfirmDialog
      title="Invite somebody"
      verb="Send the invitation"
      disabled={!name.trim() || !email.includes("@")}
      work={async () => {
        await invite.mutateAsync({ name: name.trim(), email: email.trim(), role });
        say(`An invitation is on its way to ${email.trim()}.`);
      }}
      onClose={onClose}
    >
      <Field label="Name">
        <input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="E-mail address">
        <input type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
      </Field>
      <Field label="Role on the server" hint="What they may do in a project is said in the project.">
        <select value={role} onChange={(event) => setRole(event.target.value as Role)}>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {one}
              </option>
            ))}
          </select>
      </Field>
    </ConfirmDialog>
  );
}
