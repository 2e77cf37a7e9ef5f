import { Link } from "react-router";
import { Button } from "../ui/Button";
import page from "../ui/Page.module.css";
import { StateChip } from "../ui/StateChip";
import { TimeCell } from "../ui/TimeCell";
import { type Person, type Role, ROLES } from "./usePeople";

interface PeopleTableProps {
  people: readonly Person[];
  /** Whose page this is: nobody locks themselves out. */
  me: string;
  onRole(person: Person, role: Role): void;
  onEnable(person: Person): void;
  onDisable(person: Person): void;
  onForget(person: Person): void;
}

export function PeopleTable({ people, me, ...on }: PeopleTableProps) {
  return (
    <div className={page.scroll} tabIndex={0}>
      <table className={`${page.table} ${page.cards}`}>
        <thead>
          <tr>
            <th>Name</th>
            <th>Address</th>
            <th>Role on the server</th>
            <th>State</th>
            <th>Seen</th>
            <th>Change</th>
          </tr>
        </thead>
        <tbody>
          {people.map((person) => (
            <tr key={person.id}>
              <th scope="row">
                <Link to={`/people/${person.id}`}>{person.name || "–"}</Link>
                {person.kind === "service" && <small>service</small>}
              </th>
              <td data-label="Address">{person.email ?? "–"}</td>
              <td data-label="Role">
                <select
                  aria-label={`Role of ${person.name}`}
                  value={person.role}
                  disabled={person.id === me || person.state === "deleted"}
                  onChange={(event) => on.onRole(person, event.target.value as Role)}
                >
                  {ROLES.map((role) => (
                    <option key={role} value={role}>
                      {role}
                    </option>
                  ))}
                </select>
              </td>
              <td data-label="State">
                <StateChip state={person.state} />
              </td>
              <TimeCell label="Seen" time={person.last_seen_at} />
              <td>
                {person.id !== me && person.state !== "deleted" && (
                  <div className={page.actions}>
                    {person.state === "disabled" ? (
                      <Button small aria-label={`Enable ${person.name}`} onClick={() => on.onEnable(person)}>
                        Enable
                      </Button>
                    ) : (
                      <Button small aria-label={`Disable ${person.name}`} onClick={() => on.onDisable(person)}>
                        Disable
                      </Button>
                    )}
                    <Button small look="danger" aria-label={`Forget ${person.name}`} onClick={() => on.onForget(person)}>
                      Forget
                    </Button>
                  </div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
