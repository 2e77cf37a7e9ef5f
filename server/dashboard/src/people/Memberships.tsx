import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { type MemberRole, useProjects } from "../api/projects";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { RoleChoice } from "../ui/RoleChoice";
import { sayRefused } from "../ui/Toasts";
import styles from "./People.module.css";
import {
  type PersonDetail,
  useAddMembership,
  useChangeMembership,
  useEndMembership,
} from "./usePeople";

/** Which projects somebody is in, and as what. */
export function Memberships({ person }: { person: PersonDetail }) {
  const change = useChangeMembership(person.id);
  const end = useEndMembership(person.id);
  const [leaving, setLeaving] = useState<PersonDetail["memberships"][number] | null>(null);
  return (
    <section className={page.section} aria-label="Projects">
      <header>
        <h2>Projects</h2>
      </header>
      {person.role === "admin" && <p className={page.dim}>An administrator reaches every project, member or not.</p>}
      {person.memberships.length === 0 && person.role !== "admin" && (
        <p className={page.dim}>None yet: they see no shot before they are in a project.</p>
      )}
      {person.memberships.length > 0 && (
        <div className={page.scroll} tabIndex={0}>
          <table className={`${page.table} ${page.cards}`}>
            <thead>
              <tr>
                <th>Project</th>
                <th>Role in it</th>
                <th aria-label="Remove" />
              </tr>
            </thead>
            <tbody>
              {person.memberships.map((one) => (
                <tr key={one.project_id}>
                  <th scope="row">
                    <Link to={`/projects/${one.project_id}`}>{one.project_name}</Link>
                  </th>
                  <td data-label="Role in it">
                    <RoleChoice
                      label={`Role in ${one.project_name}`}
                      role={one.role as MemberRole}
                      disabled={change.isPending}
                      onChange={(role) => change.mutate({ project: one.project_id, role }, { onError: sayRefused })}
                    />
                  </td>
                  <td>
                    <div className={page.actions}>
                      <Button small aria-label={`Remove from ${one.project_name}`} onClick={() => setLeaving(one)}>
                        Remove…
                      </Button>
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {person.state === "active" && person.email && <NewMembership person={person} email={person.email} />}
      {leaving && (
        <ConfirmDialog
          title={`Remove ${person.name} from ${leaving.project_name}?`}
          verb="Remove"
          dangerous
          work={() => end.mutateAsync(leaving.project_id)}
          onClose={() => setLeaving(null)}
        >
          <p>They do not see the project any more and are taken off its shots. What they made stays.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function NewMembership({ person, email }: { person: PersonDetail; email: string }) {
  const projects = useProjects();
  const add = useAddMembership(email);
  const [project, setProject] = useState("");
  const [role, setRole] = useState<MemberRole>("artist");
  const within = new Set(person.memberships.map((one) => one.project_id));
  const others = projects.data?.filter((one) => !within.has(one.id)) ?? [];
  if (projects.error) return <ProblemBox problem={projects.error} />;
  if (others.length === 0) return null;

  function send(event: FormEvent): void {
    event.preventDefault();
    add.mutate({ project, role }, { onSuccess: () => setProject("") });
  }

  return (
    <>
      <form className={`${page.row} ${styles.narrow} ${styles.below}`} onSubmit={send}>
        <Field label="Another project">
          <select value={project} onChange={(event) => setProject(event.target.value)}>
            <option value="">Choose…</option>
            {others.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </Field>
        <Field label="As">
          <RoleChoice role={role} onChange={setRole} />
        </Field>
        <Button type="submit" disabled={!project || add.isPending}>
          Let them in
        </Button>
      </form>
      {add.error && <ProblemBox problem={add.error} />}
    </>
  );
}
