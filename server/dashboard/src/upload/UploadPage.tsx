import { useState } from "react";
import { useSearchParams } from "react-router";
import { type Project, useProjects } from "../api/projects";
import { may, type Me, useMe } from "../session/session";
import { LinkButton } from "../ui/Button";
import { EmptyState } from "../ui/EmptyState";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import { ConformPanel } from "./ConformPanel";
import { FilesPanel } from "./FilesPanel";
import { NewVersion } from "./NewVersion";
import { NOTHING, type Sorted } from "./plates";
import { ScanPanel } from "./ScanPanel";
import { SendingList } from "./SendingList";
import { Unfinished } from "./Unfinished";
import styles from "./Upload.module.css";

const WAYS = { files: "Files", folder: "Folders of the studio", list: "Edit list" } as const;
type Way = keyof typeof WAYS;

/** Plates that come in, and how far they are. */
export default function UploadPage() {
  const [params] = useSearchParams();
  const projects = useProjects();
  const me = useMe();
  const shotId = params.get("shot");
  if (projects.isPending || me.isPending) return <Waiting />;
  if (!projects.data) return <ProblemBox problem={projects.error} again={() => void projects.refetch()} />;
  if (!me.data) return <ProblemBox problem={me.error} again={() => void me.refetch()} />;
  return (
    <div className={page.page}>
      {shotId ? (
        <NewVersion key={shotId} shotId={shotId} userId={me.data.id} />
      ) : (
        <NewShots projects={projects.data} me={me.data} />
      )}
      <SendingList />
      <Unfinished userId={me.data.id} projects={projects.data} />
    </div>
  );
}

/** How they come in: from this machine, from folders of the studio, or by an edit list. */
function NewShots({ projects, me }: { projects: readonly Project[]; me: Me }) {
  const [params, setParams] = useSearchParams();
  // Dropped plates stay when one looks at another way meanwhile, and a list goes on to be conformed.
  const [staged, setStaged] = useState<Sorted>(NOTHING);
  const [list, setList] = useState<File | null>(null);
  const open = projects.filter((project) => may(project, "add_shot"));
  const project = open.find(({ id }) => id === params.get("project")) ?? (open.length === 1 ? open[0] : undefined);
  const way = (params.get("by") ?? "files") in WAYS ? ((params.get("by") ?? "files") as Way) : "files";

  function set(name: string, value: string): void {
    const after = new URLSearchParams(params);
    // A list is of one project.
    if (name === "project") after.delete("list");
    if (value) after.set(name, value);
    else after.delete(name);
    setParams(after, { replace: true });
  }

  return (
    <>
      <header className={page.head}>
        <h1>Upload</h1>
      </header>
      {open.length === 0 ? (
        <EmptyState title="There is no project you may add shots to">
          {may(me, "create_project") ? (
            <>
              <p>Make a project first: shots, people and folders belong to one.</p>
              <LinkButton look="main" to="/projects">
                Projects
              </LinkButton>
            </>
          ) : (
            <p>A project's supervisor lets you in as an artist, on the project's page.</p>
          )}
        </EmptyState>
      ) : (
        <>
          <div className={styles.project}>
            <Field label="Project">
              <select value={project?.id ?? ""} onChange={(event) => set("project", event.target.value)}>
                {!project && <option value="">Choose one</option>}
                {open.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </select>
            </Field>
          </div>
          <div className={page.tabs} role="group" aria-label="How plates come in">
            {Object.entries(WAYS).map(([value, label]) => (
              <button key={value} type="button" aria-pressed={value === way} onClick={() => set("by", value)}>
                {label}
              </button>
            ))}
          </div>
          {way === "files" && (
            <FilesPanel
              project={project}
              userId={me.id}
              staged={staged}
              onStage={setStaged}
              onList={({ file }) => {
                setList(file);
                set("by", "list");
              }}
            />
          )}
          {way !== "files" && !project && <p>Choose the project first.</p>}
          {way === "folder" && project && <ScanPanel key={project.id} projectId={project.id} />}
          {way === "list" && project && (
            <ConformPanel
              key={project.id}
              project={project}
              conformId={params.get("list") ?? ""}
              dropped={list}
              onOpen={(id) => {
                setList(null);
                set("list", id);
              }}
            />
          )}
        </>
      )}
    </>
  );
}
