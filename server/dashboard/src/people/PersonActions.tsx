import { useState } from "react";
import { useNavigate } from "react-router";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import { say, sayRefused } from "../ui/Toasts";
import { DisableDialog, ForgetDialog } from "./Leaving";
import { type PersonDetail, type Role, ROLES, useChangePerson, useMailPassword } from "./usePeople";

type Doing = "change" | "mail" | "disable" | "forget";

/** What an administrator does with somebody. Nobody locks themselves out. */
export function PersonActions({ person, isMe }: { person: PersonDetail; isMe: boolean }) {
  const [doing, setDoing] = useState<Doing | null>(null);
  const change = useChangePerson();
  const navigate = useNavigate();
  const close = () => setDoing(null);
  if (person.state === "deleted") return null;
  const choosesPassword = person.kind === "person" && person.state !== "disabled";
  return (
    <>
      <Button onClick={() => setDoing("change")}>Name and role…</Button>
      {choosesPassword && (
        <Button onClick={() => setDoing("mail")}>
          {person.state === "active" ? "Send a link to a new password…" : "Send the invitation again…"}
        </Button>
      )}
      <a href={`/api/v1/admin/users/${person.id}/export`} download>
        Export
      </a>
      {!isMe && person.state === "disabled" && (
        <Button
          disabled={change.isPending}
          onClick={() => change.mutate({ id: person.id, body: { state: "active" } }, { onError: sayRefused })}
        >
          Enable
        </Button>
      )}
      {!isMe && person.state !== "disabled" && <Button onClick={() => setDoing("disable")}>Disable…</Button>}
      {!isMe && (
        <Button look="danger" onClick={() => setDoing("forget")}>
          Forget…
        </Button>
      )}
      {doing === "change" && <ChangeDialog person={person} isMe={isMe} onClose={close} />}
      {doing === "mail" && <MailDialog person={person} onClose={close} />}
      {doing === "disable" && <DisableDialog person={person} onClose={close} />}
      {doing === "forget" && (
        <ForgetDialog person={person} onDone={() => void navigate("/people")} onClose={close} />
      )}
    </>
  );
}

interface DialogProps {
  person: PersonDetail;
  onClose(): void;
}

function ChangeDialog({ person, isMe, onClose }: DialogProps & { isMe: boolean }) {
  const [name, setName] = useState(person.name);
  const [role, setRole] = useState<Role>(person.role);
  const change = useChangePerson();
  return (
    <ConfirmDialog
      title={`Change ${person.name}`}
      verb="Change"
      disabled={!name.trim()}
      work={() => change.mutateAsync({ id: person.id, body: { name: name.trim(), role } })}
      onClose={onClose}
    >
      <Field label="Name">
        <input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field
        label="Role on the server"
        hint={isMe ? "Another administrator changes yours." : "It holds with their next request."}
      >
        <select value={role} disabled={isMe} onChange={(event) => setRole(event.target.value as Role)}>
          {ROLES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </Field>
    </ConfirmDialog>
  );
}

function MailDialog({ person, onClose }: DialogProps) {
  const mail = useMailPassword(person.id);
  return (
    <ConfirmDialog
      title={`Send ${person.name} a mail?`}
      verb="Send it"
      work={async () => {
        await mail.mutateAsync();
        say(`A mail is on its way to ${person.email ?? person.name}.`);
      }}
      onClose={onClose}
    >
      <p>
        It goes to {person.email} and holds a link, good once, by which they choose a password. Their sign-ins and keys
        end when they have chosen it, not before.
      </p>
    </ConfirmDialog>
  );
}
