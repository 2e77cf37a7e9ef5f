import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { RightOut, RolesOut } from "../api/schema";
import { may, useMe } from "../session/session";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import styles from "./People.module.css";
import { PeopleNav } from "./PeopleNav";

/** What each role may do, as the server goes by it. */
export default function RolesPage() {
  const roles = useQuery({ queryKey: [...keys.people, "roles"], queryFn: () => data(api.GET("/api/v1/roles")) });
  return (
    <div className={page.page}>
      <PeopleNav />
      <h1>Roles</h1>
      <p className={page.dim}>
        Everybody has one role on the server and, by membership, one in each project. This is the table the server goes
        by; it is the same in every project.
      </p>
      {roles.isPending && <Waiting />}
      {roles.error && <ProblemBox problem={roles.error} again={() => void roles.refetch()} />}
      {roles.data && (
        <>
          <Rights title="In a project" of="project" told={roles.data} />
          <Rights title="On the server" of="server" told={roles.data} />
        </>
      )}
    </div>
  );
}

function Rights({ title, of, told }: { title: string; of: RightOut["of"]; told: RolesOut }) {
  const me = useMe();
  const findsPeople = may(me.data, "manage_users");
  return (
    <section className={page.section} aria-label={title}>
      <header>
        <h2>{title}</h2>
      </header>
      {/* Reached by keyboard, for it scrolls where it is wider than the window. */}
      <div className={page.scroll} tabIndex={0} role="group" aria-label={`Rights: ${title}`}>
        <table className={`${page.table} ${page.cards} ${styles.rights}`}>
          <thead>
            <tr>
              <th>What</th>
              {told.roles.map((role) => (
                <th key={role.name} scope="col">
                  {of === "server" && findsPeople ? (
                    <Link to={`/people?role=${role.name}`}>{role.name}</Link>
                  ) : (
                    role.name
                  )}
                  <small>{role.about}</small>
                </th>
              ))}
              <th scope="col">A key needs</th>
            </tr>
          </thead>
          <tbody>
            {told.rights
              .filter((right) => right.of === of)
              .map((right) => (
                <tr key={right.name}>
                  <th scope="row">{right.about}</th>
                  {told.roles.map((role) => (
                    <td key={role.name} data-label={role.name}>
                      <Granted when={right.roles[role.name]} />
                    </td>
                  ))}
                  <td data-label="A key needs">{right.scope === "account" ? "a sign-in, no key does" : right.scope}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

const WORDS = {
  always: "Yes",
  theirs: "Theirs: made by or assigned to them",
  shown: "Theirs; others’ where the project shows them to artists",
} as const;

function Granted({ when }: { when?: keyof typeof WORDS | undefined }) {
  if (!when) return <span className={page.dim}>– No</span>;
  return (
    <span className={when === "always" ? styles.yes : styles.partly}>
      <span aria-hidden="true">{when === "always" ? "✓" : "◐"}</span> {WORDS[when]}
    </span>
  );
}
