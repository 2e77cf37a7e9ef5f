import { useSearchParams } from "react-router";
import { useProjects } from "../api/projects";
import { useMe } from "../session/session";
import { EmptyState } from "../ui/EmptyState";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import { askedOf, type By, countsPart } from "./asked";
import { DaysChoice } from "./DaysChoice";
import { Figures } from "./Figures";
import styles from "./Statistics.module.css";
import { Failures, Groups, Retakes, Stages } from "./Tables";
import { csvAddress, useStatistics } from "./useStatistics";

const BY: Record<By, { title: string; head: string }> = {
  day: { title: "By day (UTC)", head: "Day (UTC)" },
  project: { title: "By project", head: "Project" },
  user: { title: "By person", head: "Person" },
};

const PART = "Only your own work and that of projects you supervise is counted.";

/** What was done, how long it took and what went wrong, for whom it concerns. */
export default function StatisticsPage() {
  const [address, setAddress] = useSearchParams();
  const projects = useProjects("all");
  const asked = askedOf(address, Date.now());
  const statistics = useStatistics(asked);
  const me = useMe();
  const isPart = me.data !== undefined && countsPart(me.data.role, projects.data, asked.project);

  function ask(words: Record<string, string>): void {
    setAddress((before) => {
      for (const [name, value] of Object.entries(words)) {
        if (value) before.set(name, value);
        else before.delete(name);
      }
      return before;
    });
  }

  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>Statistics</h1>
        <DaysChoice asked={asked} onChange={ask} />
        <select aria-label="By" value={asked.by} onChange={(event) => ask({ by: event.target.value })}>
          {Object.entries(BY).map(([by, { title }]) => (
            <option key={by} value={by}>
              {title}
            </option>
          ))}
        </select>
        <select aria-label="Project" value={asked.project} onChange={(event) => ask({ project: event.target.value })}>
          <option value="">All projects</option>
          {projects.data?.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </header>
      {statistics.error && <ProblemBox problem={statistics.error} again={() => void statistics.refetch()} />}
      {statistics.isPending && <Waiting />}
      {statistics.data && statistics.data.total.jobs === 0 && statistics.data.total.retakes === 0 && (
        <EmptyState title={isPart ? "Nothing of yours has ended in this time" : "Nothing has ended in this time"}>
          <p>
            {isPart && `${PART} `}
            Look further back, or at all projects.
          </p>
        </EmptyState>
      )}
      {statistics.data && (
        <>
          <Figures total={statistics.data.total} />
          <p className={styles.what}>
            {isPart && <strong>{PART} </strong>}
            Everything counts on the day (UTC) it ended. GPU hours are those of tracking by an engine that uses a GPU, from when a
            worker took it to its end.
          </p>
          <Groups {...BY[asked.by]} groups={statistics.data.groups} csv={csvAddress(asked, "groups")} />
          <Stages stages={statistics.data.stages} slowest={statistics.data.slowest_stage} csv={csvAddress(asked, "stages")} />
          <Failures failures={statistics.data.failures} csv={csvAddress(asked, "failures")} />
          <Retakes retakes={statistics.data.retakes} csv={csvAddress(asked, "retakes")} />
        </>
      )}
    </div>
  );
}
