import { Link, useParams, useSearchParams } from "react-router";
import { type Job, useJob } from "../api/jobs";
import { Problem } from "../api/problem";
import { useProject } from "../api/projects";
import { useShot } from "../api/shots";
import { EmptyState } from "../ui/EmptyState";
import { ProblemBox } from "../ui/ProblemBox";
import { useTitle } from "../ui/useTitle";
import { Waiting } from "../ui/Waiting";
import { HistoryPanel } from "./HistoryPanel";
import styles from "./Job.module.css";
import { JobHead } from "./JobHead";
import { JobHeat } from "./JobHeat";
import { LogPanel } from "./LogPanel";
import { OutputsPanel } from "./OutputsPanel";
import { PromptsPanel } from "./PromptsPanel";
import { Tabs } from "./Tabs";
import { Timeline } from "./Timeline";

const TABS = ["Stages", "Log", "Prompts", "Outputs", "History"] as const;
type Tab = (typeof TABS)[number];

/** One job: what it does, what it made, what was done to it. */
export default function JobPage() {
  const { jobId = "" } = useParams();
  const job = useJob(jobId);
  if (job.isPending) return <Waiting />;
  if (job.data) return <Shown key={jobId} job={job.data} problem={job.error} />;
  if ("status" in job.error && job.error.status === 404) {
    return (
      <EmptyState title="There is no such job">
        <p>It was deleted, or it is of a shot that you do not see.</p>
        <Link to="/jobs">All jobs</Link>
      </EmptyState>
    );
  }
  return <ProblemBox problem={job.error} again={() => void job.refetch()} />;
}

function Shown({ job, problem }: { job: Job; problem: unknown }) {
  const shot = useShot(job.shot_id);
  const project = useProject(job.project_id);
  useTitle(shot.data?.name, job.version ? `v${job.version}` : job.kind);
  const [params, setParams] = useSearchParams();
  const tab = TABS.find((one) => one.toLowerCase() === params.get("tab")) ?? "Stages";
  const attempt = params.get("attempt") ?? "";
  const search = params.get("search") ?? "";

  function go(to: Tab, of = "", wanted = ""): void {
    const tab = { tab: to.toLowerCase() };
    setParams({ ...tab, ...(of && { attempt: of }), ...(wanted && { search: wanted }) }, { replace: true });
  }

  return (
    <div className={styles.page}>
      <JobHead job={job} shot={shot.data} project={project.data} />
      {problem !== null && <ProblemBox problem={problem} />}
      {job.error && <ProblemBox problem={new Problem(0, job.error)} />}
      <JobHeat job={job} />
      <Tabs names={TABS} shown={tab} onShow={go}>
        {tab === "Stages" && <Timeline job={job} onLog={(id) => go("Log", id)} />}
        {tab === "Log" && (
          <LogPanel
            job={job}
            attempt={attempt}
            search={search}
            onAttempt={(id) => go("Log", id, search)}
            onSearch={(text) => go("Log", attempt, text)}
          />
        )}
        {tab === "Prompts" && <PromptsPanel job={job} />}
        {tab === "Outputs" && <OutputsPanel job={job} />}
        {tab === "History" && <HistoryPanel job={job} project={project.data} />}
      </Tabs>
    </div>
  );
}
