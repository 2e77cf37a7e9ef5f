import { useSearchParams } from "react-router";
import { useProjects } from "../api/projects";
import { EmptyState } from "../ui/EmptyState";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import { Figures } from "./Figures";
import { Failures, Groups, Retakes, Stages } from "./Tables";
import { type Asked, type By, csvAddress, useStatistics } from "./useStatistics";

const SPANS = [
  { days: 7, label: "7 days" },
  { days: 30, label: "30 days" },
  { days: 90, label: "90 days" },
  { days: 365, label: "A year" },
];
const BY: Record<By, string> = { day: "Day", project: "Project", user: "Person" };

/** What was done, how long it took and what went wrong, for whom it concerns. */
export default function StatisticsPage() {
  const [address, setAddress] = useSearchParams();
  const projects = useProjects("all");
  const asked: Asked = {
    days: SPANS.find(({ days }) => String(days) === address.get("days"))?.days ?? 30,
    by: (["day", "project", "user"] as const).find((by) => by === address.get("by")) ?? "day",
    project: address.get("project") ?? "",
  };
  const statistics = useStatistics(asked);

  function ask(name: string, value: string): void {
    setAddress((before) => {
      if (value) before.set(name, value);
      else before.delete(name);
      return before;
    });
  }

  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>Statistics</h1>
        <select aria-label="How far back" value={asked.days} onChange={(event) => ask("days", event.target.value)}>
          {SPANS.map(({ days, label }) => (
            <option key={days} value={days}>
              {label}
            </option>
          ))}
        </select>
        <select aria-label="By" value={asked.by} onChange={(event) => ask("by", event.target.value)}>
          {Object.entries(BY).map(([by, label]) => (
            <option key={by} value={by}>
              By {label.toLowerCase()}
            </option>
          ))}
        </select>
        <select aria-label="Project" value={asked.project} onChange={(event) => ask("project", event.target.value)}>
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
        <EmptyState title="Nothing has ended in this time">
          <p>Jobs count on the day they end. Look further back, or at all projects.</p>
        </EmptyState>
      )}
      {statistics.data && (
        <>
          <Figures total={statistics.data.total} />
          <Groups title={BY[asked.by]} groups={statistics.data.groups} csv={csvAddress(asked, "groups")} />
          <Stages stages={statistics.data.stages} slowest={statistics.data.slowest_stage} csv={csvAddress(asked, "stages")} />
          <Failures failures={statistics.data.failures} csv={csvAddress(asked, "failures")} />
          <Retakes retakes={statistics.data.retakes} csv={csvAddress(asked, "retakes")} />
        </>
      )}
    </div>
  );
}
