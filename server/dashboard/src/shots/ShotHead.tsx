import { useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Project } from "../api/projects";
import type { Shot } from "../api/shots";
import { Button, LinkButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import page from "../ui/Page.module.css";
import { StateChip } from "../ui/StateChip";
import { say, sayRefused } from "../ui/Toasts";
import { useChangeShot, useDeleteShot } from "./changes";
import { MoveDialog } from "./MoveDialog";
import { RerunDialog } from "./RerunDialog";
import { SendToReview } from "./SendToReview";
import { ShotDialog } from "./ShotDialog";

interface HeadProps {
  shot: Shot;
  project: Project | undefined;
  edits: boolean;
  manages: boolean;
}

type Opened = "settings" | "rerun" | "move" | "trash" | null;

/** What the shot is called, where it stands, and what may be done with it. */
export function ShotHead({ shot, project, edits, manages }: HeadProps) {
  const [opened, setOpened] = useState<Opened>(null);
  const navigate = useNavigate();
  const change = useChangeShot(shot.id);
  const remove = useDeleteShot(shot.id);
  const archived = Boolean(shot.archived_at);
  return (
    <>
      <header className={page.head}>
        <h1>
          <Link to={`/shots?project=${shot.project_id}`}>{project?.name ?? "Project"}</Link> / {shot.name}
        </h1>
        {archived && <StateChip state="archived" />}
        <StateChip state={shot.review ?? "waiting"} title="Review" />
        {shot.state !== "ready" && <StateChip state={shot.state} title="Plate" />}
        {shot.state === "ready" && (
          <LinkButton look="main" to={`/shots/${shot.id}/review`}>
            Open in the player
          </LinkButton>
        )}
        <SendToReview shot={shot} />
        {edits && shot.state === "ready" && <LinkButton to={`/shots/${shot.id}/prompt`}>Prompt</LinkButton>}
        <LinkButton to={`/jobs?shot_id=${shot.id}`}>Jobs</LinkButton>
        {edits && <Button onClick={() => setOpened("rerun")}>Submit again…</Button>}
        {edits && <Button onClick={() => setOpened("settings")}>Settings…</Button>}
        {manages && (
          <Button
            disabled={change.isPending}
            onClick={() =>
              change.mutate(
                { archived: !archived },
                {
                  onSuccess: () => say(`${shot.name} is ${archived ? "out of" : "in"} the archive.`),
                  onError: sayRefused,
                },
              )
            }
          >
            {archived ? "Take out of the archive" : "Archive"}
          </Button>
        )}
        {manages && <Button onClick={() => setOpened("move")}>Move…</Button>}
        {manages && (
          <Button look="danger" onClick={() => setOpened("trash")}>
            Delete…
          </Button>
        )}
      </header>
      {opened === "settings" && <ShotDialog shot={shot} onClose={() => setOpened(null)} />}
      {opened === "rerun" && <RerunDialog shot={shot} onClose={() => setOpened(null)} />}
      {opened === "move" && <MoveDialog shot={shot} onClose={() => setOpened(null)} />}
      {opened === "trash" && (
        <ConfirmDialog
          title={`Delete the shot ${shot.name}?`}
          verb="Put into the trash"
          dangerous
          work={async () => {
            await remove.mutateAsync(undefined);
            await navigate(`/shots?project=${shot.project_id}`);
          }}
          onClose={() => setOpened(null)}
        >
          <p>
            It goes into the trash with its versions and notes. Jobs that run are cancelled. It can be restored
            until the trash is emptied; plates that lie in the studio's own folders are never touched.
          </p>
        </ConfirmDialog>
      )}
    </>
  );
}
