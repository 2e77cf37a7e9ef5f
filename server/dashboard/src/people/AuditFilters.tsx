import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useDeferredValue, useId, useState } from "react";
import { api, data } from "../api/client";
import { useProjects } from "../api/projects";
import { keys } from "../api/queries";
import type { AuditEntryOut } from "../api/schema";
import { may, useMe } from "../session/session";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { sayRefused } from "../ui/Toasts";
import type { Asked, Filter } from "./audit";
import styles from "./People.module.css";
import { type Person, usePerson } from "./usePeople";

interface FiltersProps {
  asked: Asked;
  /** What is shown now: its actions and kinds are offered. */
  rows: readonly AuditEntryOut[];
  ask(name: Filter, value: string): void;
  clear(): void;
}

/** Who, what, to what, where and when; each is in the address. */
export function AuditFilters({ asked, rows, ask, clear }: FiltersProps) {
  const projects = useProjects("all");
  return (
    <div className={styles.filters} role="search" aria-label="Entries">
      <WhoField who={asked.actor ?? ""} onWho={(id) => ask("actor", id)} />
      <TextField
        label="Did"
        placeholder="user.role"
        value={asked.action ?? ""}
        offered={rows.map((row) => row.action)}
        onValue={(value) => ask("action", value)}
      />
      <TextField
        label="To a"
        placeholder="user, shot, job"
        value={asked.target_kind ?? ""}
        offered={rows.map((row) => row.target_kind)}
        onValue={(value) => ask("target_kind", value)}
      />
      <Field label="In">
        <select value={asked.project_id ?? ""} onChange={(event) => ask("project_id", event.target.value)}>
          <option value="">Everything</option>
          {projects.data?.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      </Field>
      <Field label="From">
        <input type="datetime-local" value={asked.since ?? ""} onChange={(event) => ask("since", event.target.value)} />
      </Field>
      <Field label="Until">
        <input type="datetime-local" value={asked.until ?? ""} onChange={(event) => ask("until", event.target.value)} />
      </Field>
      {asked.target && (
        <div className={styles.chip}>
          To <code>{asked.target}</code>
          <Button small look="bare" aria-label="Done to anything" onClick={() => ask("target", "")}>
            ✕
          </Button>
        </div>
      )}
      {Object.keys(asked).length > 0 && <Button onClick={clear}>Show everything</Button>}
    </div>
  );
}

interface TextProps {
  label: string;
  placeholder: string;
  value: string;
  offered: readonly string[];
  onValue(value: string): void;
}

/** Asked for when it is left or sent, not with every letter. */
function TextField({ label, placeholder, value, offered, onValue }: TextProps) {
  const list = useId();
  function take(typed: string): void {
    if (typed.trim() !== value) onValue(typed.trim());
  }
  return (
    <form
      onSubmit={(event: FormEvent<HTMLFormElement>) => {
        event.preventDefault();
        take(String(new FormData(event.currentTarget).get("value")));
      }}
    >
      <Field label={label}>
        {/* Anew when the address says something else. */}
        <input key={value} name="value" type="search" list={list} placeholder={placeholder} defaultValue={value}
          maxLength={200} onBlur={(event) => take(event.target.value)} />
      </Field>
      <datalist id={list}>
        {[...new Set(offered)].sort().map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </form>
  );
}

/** People who are called so. */
function called(text: string) {
  return queryOptions({
    queryKey: [...keys.people, "found", text],
    queryFn: () => data(api.GET("/api/v1/admin/users", { params: { query: { query: text, limit: 10 } } })),
  });
}

function labelled({ name, email }: Person): string {
  return email ? `${name}, ${email}` : name;
}

/** Somebody by name or address; what is nobody's is taken for an id: of an operator, of a worker. */
function WhoField({ who, onWho }: { who: string; onWho(id: string): void }) {
  const me = useMe();
  const known = may(me.data, "manage_users");
  const [text, setText] = useState("");
  const asked = useDeferredValue(text.trim());
  const [problem, setProblem] = useState("");
  const list = useId();
  const queries = useQueryClient();
  const found = useQuery({ ...called(asked), enabled: known && asked.length > 1 });
  if (who) return <WhoChip who={who} known={known} onGone={() => onWho("")} />;
  const shown = found.data?.items ?? [];

  function take(typed: string): void {
    setText(typed);
    setProblem("");
    const picked = shown.find((one) => labelled(one) === typed);
    if (picked) choose(picked.id);
  }

  function choose(id: string): void {
    setText("");
    onWho(id);
  }

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    const typed = text.trim();
    if (!typed) return;
    const people = known && !USER_ID.test(typed) ? (await queries.fetchQuery(called(typed))).items : [];
    // One who is called so is meant; of several nobody knows who.
    if (people.length > 1) setProblem("Several are called so: choose one of the list.");
    else choose(people[0]?.id ?? typed);
  }

  return (
    <form onSubmit={(event) => void send(event).catch(sayRefused)}>
      <Field label="Who" hint={problem || undefined}>
        <input type="search" list={list} placeholder="Name, address" value={text} maxLength={200}
          onChange={(event) => take(event.target.value)} />
      </Field>
      <datalist id={list}>
        {shown.map((one) => (
          <option key={one.id} value={labelled(one)} />
        ))}
      </datalist>
    </form>
  );
}

const USER_ID = /^[0-9a-f]{32}$/;

function WhoChip({ who, known, onGone }: { who: string; known: boolean; onGone(): void }) {
  const person = usePerson(who, known && USER_ID.test(who));
  return (
    <div className={styles.chip}>
      By {person.data?.name ?? <code>{who}</code>}
      <Button small look="bare" aria-label="Done by anybody" onClick={onGone}>
        ✕
      </Button>
    </div>
  );
}
