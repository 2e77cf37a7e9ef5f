import { useState } from "react";
import { Link, useNavigate, useSearchParams } from "react-router";
import { type Project, useProjects } from "../api/projects";
import { may, useMe } from "../session/session";
import { Button, LinkButton } from "../ui/Button";
import { EmptyState } from "../ui/EmptyState";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { rateText } from "../ui/rates";
import { TimeCell } from "../ui/TimeCell";
import { Waiting } from "../ui/Waiting";
import { NewProject } from "./NewProject";

/** The projects one is in. */
export default function ProjectsPage() {
  const [params, setParams] = useSearchParams();
  const archived = params.has("archived");
  const search = params.get("search") ?? "";
  const projects = useProjects(archived ? "only" : "no");
  const me = useMe();
  const navigate = useNavigate();
  const [making, setMaking] = useState(false);
  const creates = may(me.data, "create_project");
  const wanted = search.trim().toLocaleLowerCase();
  const shown = projects.data?.filter(({ name, client }) =>
    `${name}\n${client ?? ""}`.toLocaleLowerCase().includes(wanted),
  );

  function set(name: string, value: string): void {
    const after = new URLSearchParams(params);
    if (value) after.set(name, value);
    else after.delete(name);
    setParams(after, { replace: true });
  }

  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>Projects</h1>
        <input
          type="search"
          aria-label="Search by name or client"
          placeholder="Search by name or client (/)"
          value={search}
          onChange={(event) => set("search", event.target.value)}
        />
        <label className={page.check}>
          <input
            type="checkbox"
            checked={archived}
            onChange={(event) => set("archived", event.target.checked ? "1" : "")}
          />
          Archive
        </label>
        <LinkButton to="/projects/trash">Trash</LinkButton>
        {creates && (
          <Button look="main" onClick={() => setMaking(true)}>
            New project…
          </Button>
        )}
      </header>
      {projects.isPending && <Waiting />}
      {projects.error && <ProblemBox problem={projects.error} again={() => void projects.refetch()} />}
      {projects.data?.length === 0 && (
        <EmptyState title={archived ? "No project is in the archive" : "You are in no project yet"}>
          <p>
            {archived
              ? "A project that is delivered is put there on its own page: nothing new can be begun in it."
              : creates
                ? "Make one: shots, people and folders belong to a project."
                : "A supervisor of a project lets you in, by your e-mail address."}
          </p>
        </EmptyState>
      )}
      {shown && shown.length > 0 && <Table projects={shown} />}
      {shown?.length === 0 && projects.data && projects.data.length > 0 && <p>None of that name.</p>}
      {making && (
        <NewProject onClose={() => setMaking(false)} onMade={(id) => void navigate(`/projects/${id}`)} />
      )}
    </div>
  );
}

function Table({ projects }: { projects: readonly Project[] }) {
  return (
    <div className={page.scroll} tabIndex={0}>
      <table className={`${page.table} ${page.stacked}`}>
        <thead>
          <tr>
            <th>Project</th>
            <th>Client</th>
            <th>Frames a second</th>
            <th>Colour space</th>
            <th>Handles</th>
            <th>Made</th>
            <th aria-label="Its pages" />
          </tr>
        </thead>
        <tbody>
          {projects.map((project) => (
            <tr key={project.id}>
              <td>
                <Link to={`/projects/${project.id}`}>{project.name}</Link>
              </td>
              <td data-label="Client">{project.client || "–"}</td>
              <td data-label="Frames a second">{rateText(project.settings?.fps) || "–"}</td>
              <td data-label="Colour space">{project.settings?.colorspace ?? "–"}</td>
              <td data-label="Handles">{project.settings?.handles ?? 0}</td>
              <TimeCell label="Made" time={project.created_at} />
              <td>
                <div className={page.actions}>
                  <LinkButton small to={`/shots?project=${project.id}`} aria-label={`Shots of ${project.name}`}>
                    Shots
                  </LinkButton>
                  {may(project, "add_shot") && (
                    <LinkButton small to={`/upload?project=${project.id}`} aria-label={`Upload to ${project.name}`}>
                      Upload
                    </LinkButton>
                  )}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
