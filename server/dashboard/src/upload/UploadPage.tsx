import { useState } from "react";
import { useSearchParams } from "react-router";
import { type Project, useProjects } from "../api/projects";
import { may } from "../session/session";
import { EmptyState } from "../ui/EmptyState";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import { ConformPanel } from "./ConformPanel";
import { DropZone } from "./DropZone";
import { type Sorted, withMore } from "./plates";
import { enqueue } from "./queue";
import { ScanPanel } from "./ScanPanel";
import { SendingList } from "./SendingList";
import { StagedPlates } from "./StagedPlates";
import { Unfinished } from "./Unfinished";
import styles from "./Upload.module.css";

const NOTHING: Sorted = { plates: [], others: [] };
const WAYS = { files: "Files", folder: "Folders of the studio", list: "Edit list" } as const;
type Way = keyof typeof WAYS;

/** How plates come in: from this machine, from folders of the studio, or by an edit list. */
export default function UploadPage() {
  const [params, setParams] = useSearchParams();
  const projects = useProjects();
  if (projects.isPending) return <Waiting />;
  if (!projects.data) return <ProblemBox problem={projects.error} again={() => void projects.refetch()} />;
  const open = projects.data.filter((project) => may(project, "add_shot"));
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
    <div className={page.page}>
      <header className={page.head}>
        <h1>Upload</h1>
      </header>
      {open.length === 0 ? (
        <EmptyState title="There is no project you may add shots to">
          <p>A project's supervisor lets you in as an artist, on the project's page.</p>
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
          {way === "files" && <Files project={project} />}
          {way !== "files" && !project && <p>Choose the project first.</p>}
          {way === "folder" && project && <ScanPanel key={project.id} projectId={project.id} />}
          {way === "list" && project && (
            <ConformPanel
              key={project.id}
              project={project}
              conformId={params.get("list") ?? ""}
              onOpen={(id) => set("list", id)}
            />
          )}
        </>
      )}
      <SendingList />
      <Unfinished />
    </div>
  );
}

function Files({ project }: { project: Project | undefined }) {
  const [staged, setStaged] = useState<Sorted>(NOTHING);
  const dropped = staged.plates.length > 0 || staged.others.length > 0;
  const unnamed = staged.plates.some(({ name }) => !name.trim());
  const whyNot = !project ? "Choose the project first." : unnamed ? "Every shot needs a name." : "";
  return (
    <>
      <DropZone
        onFiles={(files) => {
          setStaged(withMore(staged, files));
        }}
      />
      {dropped && (
        <StagedPlates
          sorted={staged}
          whyNot={whyNot}
          onChange={(plates) => setStaged({ ...staged, plates })}
          onClear={() => setStaged(NOTHING)}
          onSend={() => {
            if (project) enqueue(project.id, staged.plates.map((plate) => ({ ...plate, name: plate.name.trim() })));
            setStaged(NOTHING);
          }}
        />
      )}
    </>
  );
}
