import { useState } from "react";
import { Link } from "react-router";
import { useProject } from "../api/projects";
import { type Plate, type Shot, usePlates, useShot } from "../api/shots";
import { may } from "../session/session";
import { Button, LinkButton } from "../ui/Button";
import { EmptyState } from "../ui/EmptyState";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { useTitle } from "../ui/useTitle";
import { useVersionSaid, VersionFields } from "../ui/VersionFields";
import { Waiting } from "../ui/Waiting";
import { differences } from "./differences";
import { DropZone } from "./DropZone";
import { type FoundPlate, NOTHING, type Sorted, withMore } from "./plates";
import { enqueue } from "./queue";
import { StagedPlates, whyHoled } from "./StagedPlates";
import styles from "./Upload.module.css";

interface NewVersionProps {
  shotId: string;
  userId: string;
}

/** A plate of this machine becomes the next version of a shot's. */
export function NewVersion({ shotId, userId }: NewVersionProps) {
  const shot = useShot(shotId);
  const plates = usePlates(shotId);
  if (shot.isPending || plates.isPending) return <Waiting />;
  if (!shot.data) return <ProblemBox problem={shot.error} again={() => void shot.refetch()} />;
  if (!plates.data) return <ProblemBox problem={plates.error} again={() => void plates.refetch()} />;
  return <ForShot shot={shot.data} plates={plates.data} userId={userId} />;
}

function ForShot({ shot, plates, userId }: { shot: Shot; plates: readonly Plate[]; userId: string }) {
  const project = useProject(shot.project_id);
  const [staged, setStaged] = useState<Sorted>(NOTHING);
  const [said, setSaid] = useVersionSaid(plates);
  useTitle("New version", shot.name, project.data?.name);
  if (project.isPending) return <Waiting />;
  if (!project.data) return <ProblemBox problem={project.error} again={() => void project.refetch()} />;
  const back = <LinkButton to={`/shots/${shot.id}`}>Back to the shot</LinkButton>;
  if (!may(shot, "edit_shot") || !may(project.data, "add_shot")) {
    return (
      <EmptyState title={`You may not give ${shot.name} a new plate`}>
        <p>Who works on the shot may, or a supervisor of the project, who can assign you to it.</p>
        {back}
      </EmptyState>
    );
  }
  const view = said.view.trim();
  const ofView = plates.filter((plate) => plate.view === view);
  const told = withListsLeft(staged);

  function send(): void {
    const after = Math.max(0, ...ofView.map(({ version }) => version));
    const target = { shotId: shot.id, view, frameOffset: said.offset ?? 0, after };
    enqueue(userId, shot.project_id, staged.plates.map((plate) => ({ ...plate, name: shot.name })), target);
    setStaged(NOTHING);
  }

  return (
    <>
      <header className={page.head}>
        <h1>
          A new version of the plate of <Link to={`/shots/${shot.id}`}>{shot.name}</Link>
        </h1>
        {back}
      </header>
      <p className={page.dim}>
        Prompts, shapes and versions of before stay. Until the new plate is read jobs go on with the one before; then
        the shot can be submitted again on it.
      </p>
      <div className={styles.said}>
        <VersionFields said={said} onChange={setSaid} />
      </div>
      <DropZone
        takes="One movie, or the numbered frames of one sequence. Nothing is sent before you say so."
        onFiles={(files) => setStaged((before) => withMore(before, files))}
      />
      {told.plates.length + told.others.length > 0 && (
        <StagedPlates
          sorted={told}
          shot={shot.name}
          whyNot={whyNotAdd(staged.plates, view, said.offset)}
          onChange={(changed) => setStaged((before) => ({ ...before, plates: changed }))}
          onClear={() => setStaged(NOTHING)}
          onSend={send}
        >
          {staged.plates.length === 1 && staged.plates[0] && (
            <Compared
              plate={staged.plates[0]}
              view={view}
              before={ofView.find(({ current }) => current)}
              offset={said.offset ?? 0}
              onOffset={(offset) => setSaid({ ...said, offset, written: String(offset) })}
            />
          )}
        </StagedPlates>
      )}
    </>
  );
}

/** An edit list makes shots, and is no plate of one. */
function withListsLeft(staged: Sorted): Sorted {
  const left = staged.lists.map(({ path }) => ({ path, why: "an edit list: it makes shots, under Upload" }));
  return { ...staged, lists: [], others: [...staged.others, ...left] };
}

export function whyNotAdd(plates: readonly FoundPlate[], view: string, offset: number | null): string {
  if (plates.length > 1) return "A version is one movie or one sequence: leave out the others.";
  if (!view) return "Say which view it is: main, where there is one only.";
  if (offset === null) return "The frame offset is a whole number.";
  return whyHoled(plates);
}

interface ComparedProps {
  plate: FoundPlate;
  view: string;
  before: Plate | undefined;
  offset: number;
  onOffset(offset: number): void;
}

function Compared({ plate, view, before, offset, onOffset }: ComparedProps) {
  if (!before) return <p>There is no plate of the view {view} that could be read: it is compared with nothing.</p>;
  const { told, shift } = differences(plate, before, offset);
  return (
    <>
      {told.map((line) => (
        <p key={line} className={page.bad}>
          {line}
        </p>
      ))}
      {shift !== null && (
        <p>
          As many frames, numbered otherwise by {shift}:{" "}
          <Button small onClick={() => onOffset(shift)}>
            Take {shift} as the frame offset
          </Button>
        </p>
      )}
      {told.length === 0 && <p>Called and numbered as version {before.version} is.</p>}
    </>
  );
}
