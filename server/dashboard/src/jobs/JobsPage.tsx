import { useCallback, useEffect, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import { useShortcuts } from "../app/shortcuts";
import { Button } from "../ui/Button";
import { EmptyState } from "../ui/EmptyState";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import { BulkBar } from "./BulkBar";
import { FilterBar } from "./FilterBar";
import { asking, filtersOf, type JobRow, narrows } from "./filters";
import styles from "./Jobs.module.css";
import { JobTable } from "./JobTable";
import { NOTHING, useTable } from "./selecting";
import { rowsOf } from "./sparse";
import { useArrived, useCounts, useJobList, useLines } from "./useJobs";

const NONE: Record<string, number> = {};

/** All jobs one may see, in lines that stay where they are while they change. */
export default function JobsPage() {
  const [params, setParams] = useSearchParams();
  const filters = useMemo(() => filtersOf(params), [params]);
  const of = useTable((table) => table.of);
  const stamp = useTable((table) => table.stamp);
  const selected = useTable((table) => table.selected);
  const list = useJobList(filters, stamp);
  const rows = useMemo(() => (list.data ? rowsOf(list.data) : []), [list.data]);
  const [shown, setShown] = useState<readonly number[]>([0]);
  const lines = useLines(list.data, shown);
  const counts = useCounts(filters);
  const states = counts.data?.states ?? NONE;
  const news = useArrived(filters, list.isPlaceholderData ? null : (list.data ?? null), states);

  const asked = JSON.stringify(filters);
  useEffect(() => {
    if (of !== asked) useTable.setState({ of: asked, ...NOTHING });
  }, [of, asked]);

  function anew(): void {
    useTable.setState((state) => ({ stamp: state.stamp + 1, at: -1, anchor: -1 }));
  }
  function again(): void {
    list.forgive();
    if (list.data) see(shown);
    else void list.refetch();
  }
  useShortcuts("Jobs", { r: { label: "Make the list anew", run: anew } });

  const chosen = useMemo(
    () => (selected.size ? rows.filter((row) => row && selected.has(row.id)) : []) as JobRow[],
    [rows, selected],
  ).map((row) => lines.get(row.id) ?? row);
  const { see, isPlaceholderData } = list;
  const look = useCallback(
    (parts: readonly number[]) => {
      setShown(parts);
      if (!isPlaceholderData) see(parts);
    },
    [see, isPlaceholderData],
  );
  const ofOwner = useCallback((id: string) => setParams((before) => asking(before, "owner", [id])), [setParams]);
  return (
    <div className={styles.page}>
      <h1 className={styles.title}>Jobs</h1>
      <FilterBar params={params} onChange={setParams} filters={filters} states={states} />
      {list.isPending && <Waiting />}
      {list.error && <ProblemBox problem={list.error} again={again} />}
      {list.data && rows.length === 0 && (
        <Nothing narrowed={narrows(filters)} onClear={() => setParams({})} />
      )}
      <div className={styles.stage}>
        {rows.length > 0 && (
          <JobTable
            key={`${asked} ${stamp}`}
            filters={filters}
            rows={rows}
            lines={lines}
            shown={shown}
            onShown={look}
            onNeeded={list.gather}
            onSort={(sort) => setParams(asking(params, "sort", [sort]))}
            onOwner={ofOwner}
          />
        )}
        {news > 0 && (
          <div className={styles.news} role="status">
            <Button look="main" small onClick={anew}>
              {news.toLocaleString("en")} new {news === 1 ? "job" : "jobs"}
            </Button>
          </div>
        )}
      </div>
      <BulkBar chosen={chosen} onDeleted={anew} />
    </div>
  );
}

function Nothing({ narrowed, onClear }: { narrowed: boolean; onClear(): void }) {
  if (narrowed) {
    return (
      <EmptyState title="No job is like that">
        <p>None of the jobs you may see has all that is asked for above.</p>
        <Button onClick={onClear}>Show all jobs</Button>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No jobs yet">
      <p>They appear here as soon as an artist submits a shot: under Prompt here, or from a host application.</p>
    </EmptyState>
  );
}
