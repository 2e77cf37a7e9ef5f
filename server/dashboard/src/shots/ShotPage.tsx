import { useParams } from "react-router";
import { useProject } from "../api/projects";
import { useShot } from "../api/shots";
import { may } from "../session/session";
import { LinkButton } from "../ui/Button";
import { GonePage } from "../ui/GonePage";
import page from "../ui/Page.module.css";
import { useTitle } from "../ui/useTitle";
import { Waiting } from "../ui/Waiting";
import { Assignees } from "./Assignees";
import { NoteList } from "./NoteList";
import { ObjectList } from "./ObjectList";
import { PlateList } from "./PlateList";
import styles from "./Shot.module.css";
import { ShotFacts } from "./ShotFacts";
import { ShotHead } from "./ShotHead";
import { VersionList } from "./VersionList";

/** All there is of one shot. */
export default function ShotPage() {
  const { shotId = "" } = useParams();
  const shot = useShot(shotId);
  if (shot.isPending) return <Waiting />;
  if (!shot.data) {
    return (
      <GonePage
        problem={shot.error}
        again={() => void shot.refetch()}
        hint="It was deleted (look into the trash), or it is of a project you are not in."
      >
        <LinkButton to="/shots">All shots</LinkButton> <LinkButton to="/projects/trash">Trash</LinkButton>
      </GonePage>
    );
  }
  return <Loaded key={shotId} shot={shot.data} />;
}

function Loaded({ shot }: { shot: NonNullable<ReturnType<typeof useShot>["data"]> }) {
  const project = useProject(shot.project_id);
  useTitle(shot.name, project.data?.name);
  const edits = may(shot, "edit_shot");
  const manages = may(project.data, "manage_project");
  return (
    <div className={page.page}>
      <ShotHead shot={shot} project={project.data} edits={edits} manages={manages} />
      <div className={styles.columns}>
        <div>
          <VersionList shot={shot} edits={edits} />
          <ObjectList shotId={shot.id} edits={edits} />
          <PlateList shot={shot} edits={edits} />
        </div>
        <aside>
          <ShotFacts shot={shot} edits={edits} />
          <Assignees shot={shot} manages={manages} />
          <NoteList shotId={shot.id} writes={may(shot, "add_note")} />
        </aside>
      </div>
    </div>
  );
}
