import { useSearchParams } from "react-router";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import { may, useMe } from "../session/session";
import { EmptyState } from "../ui/EmptyState";
import { MoreButton } from "../ui/MoreButton";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { useMore } from "../ui/useMore";
import { Waiting } from "../ui/Waiting";
import { AuditCheck } from "./AuditCheck";
import { AuditFilters } from "./AuditFilters";
import { AuditTable } from "./AuditTable";
import { exportAddress, type Filter, readFilters, toQuery, withFilter } from "./audit";

/** Who did what, on what, when: nothing here can be changed by anybody. */
export default function AuditPage() {
  const me = useMe();
  const [address, setAddress] = useSearchParams();
  const asked = readFilters(address);
  const entries = useMore([...keys.audit, asked], (cursor) =>
    data(api.GET("/api/v1/audit", { params: { query: { ...toQuery(asked), cursor } } })),
  );

  function ask(name: Filter, value: string): void {
    setAddress((before) => withFilter(before, name, value));
  }

  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>Audit log</h1>
        <a href={exportAddress(asked, "csv")} download>
          Download as CSV
        </a>
        <a href={exportAddress(asked, "jsonl")} download>
          Download as JSON lines
        </a>
      </header>
      <AuditFilters asked={asked} rows={entries.rows} ask={ask} clear={() => setAddress({})} />
      {may(me.data, "read_audit") && <AuditCheck />}
      {entries.error && <ProblemBox problem={entries.error} again={() => void entries.refetch()} />}
      {entries.isPending && <Waiting />}
      {entries.isSuccess && entries.rows.length === 0 && (
        <EmptyState title="Nothing like that was done">
          <p>Take a filter away to see more.</p>
        </EmptyState>
      )}
      {entries.rows.length > 0 && (
        <AuditTable entries={entries.rows} only={(name, value) => `?${withFilter(address, name, value)}`} />
      )}
      <MoreButton list={entries} />
    </div>
  );
}
