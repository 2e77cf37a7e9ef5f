import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { may, useMe } from "../session/session";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { EmptyState } from "../ui/EmptyState";
import { MoreButton } from "../ui/MoreButton";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { lookOf } from "../ui/states";
import { say } from "../ui/Toasts";
import { Waiting } from "../ui/Waiting";
import { InviteDialog } from "./InviteDialog";
import { DisableDialog, ForgetDialog } from "./Leaving";
import { PeopleNav } from "./PeopleNav";
import { PeopleTable } from "./PeopleTable";
import { type Asked, type Person, type Role, ROLES, useChangePerson, usePeople } from "./usePeople";

type Doing = { what: "invite" } | { what: "disable" | "forget"; person: Person } | { what: "role"; person: Person; role: Role };
const STATES: readonly Person["state"][] = ["active", "unconfirmed", "disabled", "deleted"];

/** Who may come in, and as what. */
export default function PeoplePage() {
  const me = useMe();
  const [address, setAddress] = useSearchParams();
  const [doing, setDoing] = useState<Doing | null>(null);
  const change = useChangePerson();
  const asked: Asked = {
    query: address.get("query") ?? "",
    role: (address.get("role") ?? "") as Asked["role"],
    state: (address.get("state") ?? "") as Asked["state"],
  };
  const people = usePeople(asked);

  function ask(name: keyof Asked, value: string): void {
    setAddress(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  }

  return (
    <div className={page.page}>
      <PeopleNav />
      <h1>People</h1>
      <div className={page.bar}>
        <input
          type="search"
          aria-label="Part of a name or address"
          placeholder="Name or address"
          value={asked.query}
          maxLength={200}
          onChange={(event) => ask("query", event.target.value)}
        />
        <Choice label="Role" value={asked.role} values={ROLES} onChange={(value) => ask("role", value)} />
        <Choice
          label="State"
          value={asked.state}
          values={STATES}
          nameOf={(state) => lookOf(state).label}
          onChange={(value) => ask("state", value)}
        />
        {may(me.data, "manage_users") && (
          <Button look="main" onClick={() => setDoing({ what: "invite" })}>
            Invite somebody
          </Button>
        )}
      </div>
      {people.error && <ProblemBox problem={people.error} again={() => void people.refetch()} />}
      {people.isPending && <Waiting />}
      {people.isSuccess && people.rows.length === 0 && (
        <EmptyState title="Nobody is like that">
          <p>Ask for less: a part of a name, another role, another state.</p>
        </EmptyState>
      )}
      {people.rows.length > 0 && me.data && (
        <PeopleTable
          people={people.rows}
          me={me.data.id}
          onRole={(person, role) => setDoing({ what: "role", person, role })}
          onEnable={(person) => change.mutate({ id: person.id, body: { state: "active" } })}
          onDisable={(person) => setDoing({ what: "disable", person })}
          onForget={(person) => setDoing({ what: "forget", person })}
        />
      )}
      {change.error && <ProblemBox problem={change.error} />}
      <MoreButton list={people} />
      {doing?.what === "invite" && <InviteDialog onClose={() => setDoing(null)} />}
      {doing?.what === "role" && (
        <ConfirmDialog
          title={`Make ${doing.person.name} ${doing.role}?`}
          verb={`Make them ${doing.role}`}
          dangerous={doing.role === "admin"}
          work={async () => {
            await change.mutateAsync({ id: doing.person.id, body: { role: doing.role } });
            say(`${doing.person.name} is ${doing.role} now.`);
          }}
          onClose={() => setDoing(null)}
        >
          <p>
            Now {doing.person.role}. What each may do is told under <Link to="/people/roles">Roles</Link>.
          </p>
        </ConfirmDialog>
      )}
      {doing?.what === "disable" && <DisableDialog person={doing.person} onClose={() => setDoing(null)} />}
      {doing?.what === "forget" && <ForgetDialog person={doing.person} onClose={() => setDoing(null)} />}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  values: readonly string[];
  /** What people call one of them; itself where nothing is said. */
  nameOf?(value: string): string;
  onChange(value: string): void;
}

function Choice({ label, value, values, nameOf = (one) => one, onChange }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)}>
      <option value="">{label}: any</option>
      {values.map((one) => (
        <option key={one} value={one}>
          {nameOf(one)}
        </option>
      ))}
    </select>
  );
}
