import { useState } from "react";
import { useMembers } from "../api/projects";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { say } from "../ui/Toasts";
import { Waiting } from "../ui/Waiting";
import { type Mode, useAssign } from "./useBoard";

const MODES: Record<Mode, string> = {
  add: "Assign them as well",
  set: "Assign them and nobody else",
  remove: "Take them off",
};

interface AssignProps {
  projectId: string;
  shotIds: string[];
  onClose(): void;
}

/** Who of a project's artists and supervisors works on shots. */
export function AssignDialog({ projectId, shotIds, onClose }: AssignProps) {
  const members = useMembers(projectId);
  const assign = useAssign(projectId);
  const [people, setPeople] = useState<ReadonlySet<string>>(new Set());
  const [mode, setMode] = useState<Mode>("add");
  const who = members.data?.filter(({ role }) => role !== "viewer") ?? [];
  const shots = shotIds.length === 1 ? "this shot" : `${shotIds.length} shots`;

  function toggle(id: string): void {
    const after = new Set(people);
    if (!after.delete(id)) after.add(id);
    setPeople(after);
  }

  return (
    <ConfirmDialog
      title={`Who works on ${shots}?`}
      verb={shotIds.length === 1 ? "Assign" : `Change ${shotIds.length} shots`}
      disabled={people.size === 0 && mode !== "set"}
      work={async () => {
        const changed = await assign.mutateAsync({ shot_ids: shotIds, user_ids: [...people], mode });
        say(`${changed} of ${shotIds.length} shots changed.`);
      }}
      onClose={onClose}
    >
      {members.isPending && <Waiting />}
      {members.error && <ProblemBox problem={members.error} />}
      {members.data && who.length === 0 && (
        <p>No artist is a member of this project yet. Members are added on the project's page.</p>
      )}
      <div className={page.form}>
        <Field label="How">
          <select value={mode} onChange={(event) => setMode(event.target.value as Mode)}>
            {Object.entries(MODES).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        {who.map((member) => (
          <label key={member.user_id} className={page.check}>
            <input
              type="checkbox"
              checked={people.has(member.user_id)}
              onChange={() => toggle(member.user_id)}
            />
            {member.name} <span className={page.dim}>{member.role}</span>
          </label>
        ))}
      </div>
    </ConfirmDialog>
  );
}
