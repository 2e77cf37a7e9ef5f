import { useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { type Project, useProjects } from "../api/projects";
import { MOST_PICKED, playlistOf } from "../review/playlist";
import { may, useMe } from "../session/session";
import { Button, LinkButton } from "../ui/Button";
import { EmptyState } from "../ui/EmptyState";
import { MoreButton } from "../ui/MoreButton";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import { AssignDialog } from "./AssignDialog";
import { Board } from "./Board";
import styles from "./Board.module.css";
import { FilterBar } from "./FilterBar";
import { type Filters, found, grouped, readFilters, writeFilters } from "./filters";
import { usePicking } from "./picking";
import { useFoundShots, useNewestJobs, useShots } from "./useBoard";

const NO_JOBS = new Map<string, never>();

/** Where every shot stands, by its picture. */
export default function ShotsPage() {
  const [params, setParams] = useSearchParams();
  const filters = useMemo(() => readFilters(params), [params]);
  const projects = useProjects("all");
  const shots = useShots(filters);
  const jobs = useNewestJobs(filters);
  const [assigning, setAssigning] = useState(false);

  const names = useMemo(
    () => new Map(projects.data?.map(({ id, name }) => [id, name])),
    [projects.data],
  );
  // What has not been loaded is looked through by the server; until it answers, what is here.
  const everywhere = useFoundShots(filters, shots.hasNextPage);
  const list = shots.hasNextPage && everywhere.data ? everywhere : shots;
  const shown = useMemo(() => found(list.data ?? [], filters.search), [list.data, filters.search]);
  const groups = useMemo(() => grouped(shown, filters.group, names), [shown, filters.group, names]);
  const order = useMemo(() => groups.flatMap((group) => group.shots.map(({ id }) => id)), [groups]);
  const { picked, toggle, clear } = usePicking(order);

  const told = list === shots ? `${shown.length} of ${shots.data?.length}` : `${shown.length} found`;
  const set = (change: Partial<Filters>) =>
    setParams(writeFilters({ ...filters, ...change }), { replace: "search" in change });
  const pickedProjects = new Set(shown.filter(({ id }) => picked.has(id)).map((shot) => shot.project_id));
  const [projectId] = pickedProjects;
  const whyNot = whyNotAssign(pickedProjects, projects.data ?? []);

  return (
    <div className={styles.page}>
      <FilterBar
        filters={filters}
        projects={projects.data ?? []}
        onChange={set}
        count={list.data && `${told}${list.hasNextPage ? ", the newest" : ""}`}
        more={<MoreButton list={list} />}
      />
      {everywhere.error && <ProblemBox problem={everywhere.error} again={() => void everywhere.refetch()} />}
      {picked.size > 0 && (
        <div className={styles.bulk} role="group" aria-label="Picked shots">
          <strong>{picked.size} picked</strong>
          <Button small disabled={whyNot !== ""} title={whyNot} onClick={() => setAssigning(true)}>
            Assign…
          </Button>
          {picked.size <= MOST_PICKED ? (
            <LinkButton small to={playlistOf(order.filter((id) => picked.has(id)))}>
              Playlist
            </LinkButton>
          ) : (
            <span>A playlist has {MOST_PICKED} shots at most.</span>
          )}
          {whyNot && <span>{whyNot}</span>}
          <Button small look="bare" onClick={clear}>
            Pick none
          </Button>
        </div>
      )}
      {shots.isPending && <Waiting />}
      {shots.error && <ProblemBox problem={shots.error} again={() => void shots.refetch()} />}
      {shots.data && shots.data.length === 0 && <Nothing filters={filters} projects={projects.data ?? []} />}
      {everywhere.isLoading && shown.length === 0 && <Waiting what="Looking through all shots" />}
      {shots.data && shots.data.length > 0 && shown.length === 0 && !everywhere.isLoading && (
        <EmptyState title={`No shot of these is called ${filters.search}`}>
          <Button onClick={() => set({ search: "" })}>Show all {shots.data.length}</Button>
        </EmptyState>
      )}
      {shown.length > 0 && (
        <Board
          groups={groups}
          by={filters.group}
          projects={names}
          showsProjects={!filters.project && filters.group !== "project"}
          jobs={jobs.data ?? NO_JOBS}
          picked={picked}
          onToggle={toggle}
        />
      )}
      {assigning && projectId && (
        <AssignDialog projectId={projectId} shotIds={[...picked]} onClose={() => setAssigning(false)} />
      )}
    </div>
  );
}

/** Why the picked shots' people cannot be changed at once; "" when they can. */
function whyNotAssign(picked: ReadonlySet<string>, projects: { id: string; may?: string[] | null }[]): string {
  if (picked.size > 1) return "Pick shots of one project: people are members of projects.";
  const managed = projects.some((one) => picked.has(one.id) && may(one, "manage_project"));
  return managed ? "" : "Who works on shots is said by the project's supervisors.";
}

function Nothing({ filters, projects }: { filters: Filters; projects: readonly Project[] }) {
  const me = useMe();
  if (filters.mine || filters.archived) {
    return (
      <EmptyState title={filters.mine ? "No shot is yours" : "No shot is in the archive"}>
        <p>
          {filters.mine
            ? "A shot is yours when you made it, or when a supervisor assigned it to you."
            : "Shots are put into the archive on their own page."}
        </p>
      </EmptyState>
    );
  }
  const open = projects.filter(({ id, archived_at: archived }) => !archived && (!filters.project || id === filters.project));
  if (!open.some((one) => may(one, "add_shot"))) {
    return (
      <EmptyState title="No shots yet">
        <p>
          {open.length > 0
            ? "Artists of the project add shots; you see them here as soon as there are any."
            : `Shots belong to projects. ${may(me.data, "create_project") ? "Make one, or have" : "Have"} a supervisor of a project let you in by your e-mail address.`}
        </p>
        <LinkButton to="/projects">Projects</LinkButton>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No shots yet">
      <p>Upload plates, name a folder the server reads, or conform an edit list; hosts make shots as well.</p>
      <LinkButton look="main" to={filters.project ? `/upload?project=${filters.project}` : "/upload"}>
        Upload plates
      </LinkButton>
    </EmptyState>
  );
}
