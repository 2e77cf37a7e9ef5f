import { useState } from "react";
import { Link, useParams } from "react-router";
import { signOut } from "../api/signing";
import { may, useMe } from "../session/session";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { StateChip } from "../ui/StateChip";
import { say } from "../ui/Toasts";
import { away, exact } from "../ui/time";
import { useTitle } from "../ui/useTitle";
import { Waiting } from "../ui/Waiting";
import { useEndSession, useKeys, useRevokeKey, useSessions } from "./access";
import { KeyTable } from "./KeyTable";
import { Memberships } from "./Memberships";
import { PeopleNav } from "./PeopleNav";
import styles from "./People.module.css";
import { PersonActions } from "./PersonActions";
import { SessionTable } from "./SessionTable";
import { type PersonDetail, useLogOut, usePerson } from "./usePeople";

/** One person, for administrators: what they may do, their projects, every way in they have. */
export default function PersonPage() {
  const { userId = "" } = useParams();
  const person = usePerson(userId);
  useTitle(person.data?.name, "People");
  return (
    <div className={page.page}>
      <PeopleNav />
      {person.isPending && <Waiting />}
      {person.error && <ProblemBox problem={person.error} again={() => void person.refetch()} />}
      {person.data && (
        <>
          <Head person={person.data} />
          {person.data.state !== "deleted" && (
            <>
              <Memberships person={person.data} />
              <Sessions person={person.data} />
              <Keys person={person.data} />
            </>
          )}
        </>
      )}
    </div>
  );
}

function Head({ person }: { person: PersonDetail }) {
  const me = useMe();
  return (
    <>
      <header className={page.head}>
        <h1>{person.name}</h1>
        {me.data && <PersonActions person={person} isMe={me.data.id === person.id} />}
      </header>
      <dl className={styles.facts}>
        <dt>State</dt>
        <dd>
          <StateChip state={person.state} />
        </dd>
        <dt>{person.kind === "service" ? "Kind" : "Address"}</dt>
        <dd>{person.kind === "service" ? "a service: it comes in by keys" : (person.email ?? "–")}</dd>
        <dt>Role on the server</dt>
        <dd>
          {person.role} (<Link to="/people/roles">what it may do</Link>)
        </dd>
        {person.kind === "person" && (
          <>
            <dt>Signs in by</dt>
            <dd>{waysIn(person)}</dd>
          </>
        )}
        <dt>Seen</dt>
        <dd title={person.last_seen_at ? exact(person.last_seen_at) : undefined}>
          {person.last_seen_at ? away(person.last_seen_at) : "never"}, since {exact(person.created_at)}
        </dd>
        {may(me.data, "read_audit") && (
          <>
            <dt>Audit log</dt>
            <dd>
              <Link to={`/audit?actor=${person.id}`}>What they did</Link>
              {" · "}
              <Link to={`/audit?target=${person.id}`}>What was done to them</Link>
            </dd>
          </>
        )}
      </dl>
    </>
  );
}

export function waysIn({ has_password, issuers }: Pick<PersonDetail, "has_password" | "issuers">): string {
  const ways = [...(has_password ? ["a password"] : []), ...issuers];
  return ways.length ? ways.join(", ") : "nothing yet: no password was chosen";
}

function Sessions({ person }: { person: PersonDetail }) {
  const sessions = useSessions(person.id);
  const end = useEndSession(person.id);
  const logOut = useLogOut(person.id);
  const [leaving, setLeaving] = useState(false);
  if (person.kind === "service") return null;
  const some = sessions.data && sessions.data.length > 0;
  return (
    <section className={page.section} aria-label="Signed in">
      <header>
        <h2>Signed in</h2>
        {some && <Button onClick={() => setLeaving(true)}>Sign out everywhere…</Button>}
      </header>
      {sessions.isPending && <Waiting />}
      {sessions.error && <ProblemBox problem={sessions.error} again={() => void sessions.refetch()} />}
      {sessions.data?.length === 0 && <p className={page.dim}>Nowhere.</p>}
      {some && <SessionTable sessions={sessions.data} end={(id) => end.mutateAsync(id)} endThis={() => signOut()} />}
      {leaving && (
        <ConfirmDialog
          title={`Sign ${person.name} out everywhere?`}
          verb="Sign out everywhere"
          dangerous
          work={async () => {
            await logOut.mutateAsync();
            say(`${person.name} is signed out.`);
          }}
          onClose={() => setLeaving(false)}
        >
          <p>
            Their browsers go to the sign-in page at once; the keys of programs that were let in with a code end, too.
            Keys made by hand stay. They may sign in again: to keep them out, disable them.
          </p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function Keys({ person }: { person: PersonDetail }) {
  const keys = useKeys(person.id);
  const revoke = useRevokeKey(person.id);
  return (
    <section className={page.section} aria-label="API keys">
      <header>
        <h2>API keys</h2>
      </header>
      {keys.isPending && <Waiting />}
      {keys.error && <ProblemBox problem={keys.error} again={() => void keys.refetch()} />}
      {keys.data?.length === 0 && <p className={page.dim}>None.</p>}
      {keys.data && keys.data.length > 0 && <KeyTable keys={keys.data} revoke={(id) => revoke.mutateAsync(id)} />}
    </section>
  );
}
