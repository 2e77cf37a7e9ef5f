import { useState } from "react";
import { useNavigate, useParams } from "react-router";
import { type Project, useProject } from "../api/projects";
import { may } from "../session/session";
import { Button, LinkButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { GonePage } from "../ui/GonePage";
import page from "../ui/Page.module.css";
import { StateChip } from "../ui/StateChip";
import { sayRefused } from "../ui/Toasts";
import { useTitle } from "../ui/useTitle";
import { Waiting } from "../ui/Waiting";
import { useChangeProject, useDeleteProject } from "./changes";
import { Members } from "./Members";
import { SettingsForm } from "./SettingsForm";

/** One project: what it says of its shots, and who is in it. */
export default function ProjectPage() {
  const { projectId = "" } = useParams();
  const project = useProject(projectId);
  useTitle(project.data?.name);
  if (project.isPending) return <Waiting />;
  if (!project.data) {
    return (
      <GonePage
        problem={project.error}
        again={() => void project.refetch()}
        hint="It was deleted (look into the trash), or nobody has let you in: its supervisors can."
      >
        <LinkButton to="/projects">Projects</LinkButton> <LinkButton to="/projects/trash">Trash</LinkButton>
      </GonePage>
    );
  }
  const manages = may(project.data, "manage_project");
  return (
    <div className={page.page}>
      <Head project={project.data} manages={manages} />
      <SettingsForm key={projectId} project={project.data} manages={manages} />
      <Members projectId={projectId} manages={manages} />
    </div>
  );
}

function Head({ project, manages }: { project: Project; manages: boolean }) {
  const change = useChangeProject(project.id);
  const remove = useDeleteProject(project.id);
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  const archived = Boolean(project.archived_at);
  return (
    <header className={page.head}>
      <h1>{project.name}</h1>
      {archived && <StateChip state="archived" title="Nothing new can be begun in it." />}
      <LinkButton to={`/shots?project=${project.id}`}>Shots</LinkButton>
      {may(project, "add_shot") && (
        <LinkButton look="main" to={`/upload?project=${project.id}`}>
          Upload
        </LinkButton>
      )}
      {manages && (
        <>
          <Button
            disabled={change.isPending}
            onClick={() => change.mutate({ archived: !archived }, { onError: sayRefused })}
          >
            {archived ? "Take out of the archive" : "Archive"}
          </Button>
          <Button look="danger" onClick={() => setDeleting(true)}>
            Delete…
          </Button>
        </>
      )}
      {deleting && (
        <ConfirmDialog
          title={`Delete the project ${project.name}?`}
          verb="Put into the trash"
          dangerous
          work={async () => {
            await remove.mutateAsync();
            await navigate("/projects");
          }}
          onClose={() => setDeleting(false)}
        >
          <p>
            It goes into the trash with all its shots, and nobody sees it meanwhile; jobs that run are cancelled. It
            can be restored until the trash is emptied. The studio's own files are never touched.
          </p>
        </ConfirmDialog>
      )}
    </header>
  );
}
