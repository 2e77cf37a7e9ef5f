import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { signOut } from "../api/signing";
import { type Me, useMe } from "../session/session";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { say } from "../ui/Toasts";
import { Waiting } from "../ui/Waiting";
import { useChangeMe, useEndSession, useKeys, useRevokeKey, useSessions } from "./access";
import { KeyDialog } from "./KeyDialog";
import { KeyTable } from "./KeyTable";
import styles from "./People.module.css";
import { PasswordForm } from "./PasswordForm";
import { SessionTable } from "./SessionTable";

/** What is one's own: name, password, sign-ins, keys. */
export default function ProfilePage() {
  const me = useMe();
  if (!me.data) return <Waiting />;
  return (
    <div className={page.page}>
      <h1>Your account</h1>
      <p className={page.dim}>
        {me.data.email}, {me.data.role} on this server. <Link to="/people/roles">What roles may do</Link>
        {" · "}
        <a href="/api/v1/users/me/export" download>
          Everything that is kept about you
        </a>
      </p>
      <NameForm me={me.data} />
      <OwnKeys />
      <OwnSessions />
      <PasswordForm email={me.data.email ?? ""} />
    </div>
  );
}

function NameForm({ me }: { me: Me }) {
  const [name, setName] = useState(me.name);
  const change = useChangeMe();
  function send(event: FormEvent): void {
    event.preventDefault();
    change.mutate({ name: name.trim() }, { onSuccess: () => say("That is your name now.") });
  }
  return (
    <section className={`${page.section} ${styles.narrow}`} aria-label="Name">
      <form className={page.row} onSubmit={send}>
        <Field label="Your name" hint="How others see you: beside notes, jobs and decisions.">
          <input value={name} maxLength={100} autoComplete="name" onChange={(event) => setName(event.target.value)} />
        </Field>
        <Button type="submit" disabled={!name.trim() || name.trim() === me.name || change.isPending}>
          Change the name
        </Button>
      </form>
      {change.error && <ProblemBox problem={change.error} />}
    </section>
  );
}

function OwnKeys() {
  const keys = useKeys(null);
  const revoke = useRevokeKey(null);
  const [making, setMaking] = useState(false);
  return (
    <section className={page.section} aria-label="API keys">
      <header>
        <h2>API keys</h2>
        <Button onClick={() => setMaking(true)}>Make a key…</Button>
      </header>
      <p className={page.dim}>
        What scripts and programs sign in with. A plugin or <code>roto login</code> shows a code instead:{" "}
        <a href="/device">let it in with the code</a>.
      </p>
      {keys.isPending && <Waiting />}
      {keys.error && <ProblemBox problem={keys.error} again={() => void keys.refetch()} />}
      {keys.data?.length === 0 && <p>You have none.</p>}
      {keys.data && keys.data.length > 0 && <KeyTable keys={keys.data} revoke={(id) => revoke.mutateAsync(id)} />}
      {making && <KeyDialog onClose={() => setMaking(false)} />}
    </section>
  );
}

function OwnSessions() {
  const sessions = useSessions(null);
  const end = useEndSession(null);
  const [leaving, setLeaving] = useState(false);
  return (
    <section className={page.section} aria-label="Where you are signed in">
      <header>
        <h2>Where you are signed in</h2>
        <Button onClick={() => setLeaving(true)}>Sign out everywhere…</Button>
      </header>
      {sessions.isPending && <Waiting />}
      {sessions.error && <ProblemBox problem={sessions.error} again={() => void sessions.refetch()} />}
      {sessions.data && (
        <SessionTable sessions={sessions.data} end={(id) => end.mutateAsync(id)} endThis={() => signOut()} />
      )}
      {leaving && (
        <ConfirmDialog
          title="Sign out everywhere?"
          verb="Sign out everywhere"
          dangerous
          work={() => signOut(true)}
          onClose={() => setLeaving(false)}
        >
          <p>Every sign-in ends, this one too, and so do the keys of programs that were let in with a code.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}
