import { useState } from "react";
import { Link } from "react-router";
import { useProjects } from "../api/projects";
import type { Shot } from "../api/shots";
import { may } from "../session/session";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { say } from "../ui/Toasts";
import { useMoveShot } from "./changes";

/** The shot, with all that was made of it, for another project that one supervises too. */
export function MoveDialog({ shot, onClose }: { shot: Shot; onClose(): void }) {
  const projects = useProjects();
  const move = useMoveShot(shot.id);
  const [target, setTarget] = useState("");
  const others = (projects.data ?? []).filter((one) => one.id !== shot.project_id && may(one, "manage_project"));
  return (
    <ConfirmDialog
      title={`Move ${shot.name} to another project?`}
      verb="Move"
      disabled={!target}
      work={async () => {
        await move.mutateAsync(target);
        say(`${shot.name} is in ${others.find(({ id }) => id === target)?.name ?? "the other project"} now.`);
      }}
      onClose={onClose}
    >
      {projects.error && <ProblemBox problem={projects.error} again={() => void projects.refetch()} />}
      {projects.data && others.length === 0 ? (
        <p>You supervise no other project: whoever supervises both can move it.</p>
      ) : (
        <div className={page.form}>
          <p>
            It goes with its plates, versions and notes. Who is not in that project sees it no more, and who does not work
            there is taken off it.
          </p>
          <p>
            While <Link to={`/jobs?shot_id=${shot.id}`}>its jobs</Link> wait or run it is not moved: let them end, or cancel
            them first.
          </p>
          <Field label="To">
            <select value={target} onChange={(event) => setTarget(event.target.value)}>
              <option value="">Choose a project</option>
              {others.map(({ id, name, client }) => (
                <option key={id} value={id}>
                  {client ? `${name} (${client})` : name}
                </option>
              ))}
            </select>
          </Field>
        </div>
      )}
    </ConfirmDialog>
  );
}
