import { useState } from "react";
import { type Member, type MemberRole, useMembers } from "../api/projects";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { RoleChoice } from "../ui/RoleChoice";
import { sayRefused } from "../ui/Toasts";
import { TimeCell } from "../ui/TimeCell";
import { useAddMember, useChangeMember, useRemoveMember } from "./changes";

/** Who is in the project, and as what. */
export function Members({ projectId, manages }: { projectId: string; manages: boolean }) {
  const members = useMembers(projectId);
  const change = useChangeMember(projectId);
  const remove = useRemoveMember(projectId);
  const [leaving, setLeaving] = useState<Member | null>(null);
  return (
    <section className={page.section} aria-label="Members">
      <header>
        <h2>Members</h2>
      </header>
      {members.error && <ProblemBox problem={members.error} />}
      {members.data?.length === 0 && <p className={page.dim}>Nobody yet; administrators see every project.</p>}
      {members.data && members.data.length > 0 && (
        <div className={page.scroll} tabIndex={0}>
          <table className={`${page.table} ${page.stacked}`}>
            <thead>
              <tr>
                <th>Name</th>
                <th>E-mail</th>
                <th>Role</th>
                <th>Since</th>
                {manages && <th aria-label="Remove" />}
              </tr>
            </thead>
            <tbody>
              {members.data.map((member) => (
                <tr key={member.user_id}>
                  <td>{member.name}</td>
                  <td data-label="E-mail">{member.email ?? "–"}</td>
                  <td data-label="Role">
                    {manages ? (
                      <RoleChoice
                        label={`Role of ${member.name}`}
                        role={member.role as MemberRole}
                        disabled={change.isPending}
                        onChange={(role) => change.mutate({ user: member.user_id, role }, { onError: sayRefused })}
                      />
                    ) : (
                      member.role
                    )}
                  </td>
                  <TimeCell label="Since" time={member.created_at} />
                  {manages && (
                    <td>
                      <div className={page.actions}>
                        <Button small aria-label={`Remove ${member.name}`} onClick={() => setLeaving(member)}>
                          Remove…
                        </Button>
                      </div>
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {manages && <NewMember projectId={projectId} />}
      {leaving && (
        <ConfirmDialog
          title={`Remove ${leaving.name} from the project?`}
          verb="Remove"
          dangerous
          work={() => remove.mutateAsync(leaving.user_id)}
          onClose={() => setLeaving(null)}
        >
          <p>They do not see the project any more and are taken off its shots. What they made stays.</p>
        </ConfirmDialog>
      )}
    </section>
  );
}

function NewMember({ projectId }: { projectId: string }) {
  const add = useAddMember(projectId);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<MemberRole>("artist");
  return (
    <form
      className={page.row}
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate({ email: email.trim(), role }, { onSuccess: () => setEmail("") });
      }}
    >
      <Field label="E-mail address" hint="Of somebody who has an account here.">
        <input type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
      </Field>
      <Field label="Role" hint="Viewers look, artists work, supervisors decide.">
        <RoleChoice role={role} onChange={setRole} />
      </Field>
      <Button type="submit" disabled={!email.trim() || add.isPending}>
        Let them in
      </Button>
      {add.error && <ProblemBox problem={add.error} />}
    </form>
  );
}
