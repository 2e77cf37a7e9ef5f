import { useState } from "react";
import { type Shot, useAssignees } from "../api/shots";
import { Button } from "../ui/Button";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { AssignDialog } from "./AssignDialog";

/** Who works on the shot. */
export function Assignees({ shot, manages }: { shot: Shot; manages: boolean }) {
  const people = useAssignees(shot.id);
  const [opened, setOpened] = useState(false);
  return (
    <section className={page.section}>
      <header>
        <h2>Assigned</h2>
        {manages && (
          <Button small onClick={() => setOpened(true)}>
            Assign…
          </Button>
        )}
      </header>
      {people.error && <ProblemBox problem={people.error} />}
      {people.data && (
        <p className={people.data.length ? "" : page.dim}>
          {people.data.map(({ name }) => name).join(", ") || "Nobody yet."}
        </p>
      )}
      {opened && (
        <AssignDialog projectId={shot.project_id} shotIds={[shot.id]} onClose={() => setOpened(false)} />
      )}
    </section>
  );
}
