import { useSearchParams } from "react-router";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import { Button } from "../ui/Button";
import { EmptyState } from "../ui/EmptyState";
import { MoreButton } from "../ui/MoreButton";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { exact } from "../ui/time";
import { useMore } from "../ui/useMore";
import { Waiting } from "../ui/Waiting";
import { changes } from "./changes";

const FILTERS = ["action", "actor", "target"] as const;
const LABELS = { action: "Action, e.g. job.cancelled", actor: "Id of who did it", target: "Id of what it was done to" };

/** Who did what, on what, when: nothing here can be changed by anybody. */
export default function AuditPage() {
  const [address, setAddress] = useSearchParams();
  const asked = Object.fromEntries(FILTERS.map((name) => [name, address.get(name) || undefined]));
  const entries = useMore([...keys.audit, asked], (cursor) =>
    data(api.GET("/api/v1/audit", { params: { query: { ...asked, cursor } } })),
  );
  const query = new URLSearchParams(Object.entries(asked).flatMap(([name, value]) => (value ? [[name, value]] : [])));

  function ask(form: FormData): void {
    setAddress(FILTERS.flatMap((name) => (form.get(name) ? [[name, String(form.get(name))]] : [])) as [string, string][]);
  }

  return (
    <div className={page.page}>
      <h1>Audit log</h1>
      <form
        className={page.bar}
        onSubmit={(event) => {
          event.preventDefault();
          ask(new FormData(event.currentTarget));
        }}
      >
        {FILTERS.map((name) => (
          <input key={name} type="search" name={name} aria-label={LABELS[name]} placeholder={LABELS[name]}
            defaultValue={address.get(name) ?? ""} maxLength={200} />
        ))}
        <Button type="submit">Show</Button>
        <a href={`/api/v1/audit/export?${new URLSearchParams([["format", "csv"], ...query])}`} download>
          Download as CSV
        </a>
      </form>
      {entries.error && <ProblemBox problem={entries.error} again={() => void entries.refetch()} />}
      {entries.isPending && <Waiting />}
      {entries.isSuccess && entries.rows.length === 0 && (
        <EmptyState title="Nothing like that was done">
          <p>Leave a field empty to see more.</p>
        </EmptyState>
      )}
      {entries.rows.length > 0 && (
        <div className={page.scroll}>
          <table className={page.table}>
            <thead>
              <tr>
                <th>When</th>
                <th>Who</th>
                <th>Did</th>
                <th>To</th>
                <th>Changed</th>
                <th>From</th>
              </tr>
            </thead>
            <tbody>
              {entries.rows.map((entry) => (
                <tr key={entry.seq}>
                  <td>{exact(entry.at)}</td>
                  <td>
                    {entry.actor.name ?? (entry.actor.id || entry.actor.kind)}
                    {entry.via && <small>{entry.via}</small>}
                  </td>
                  <td>{entry.action}</td>
                  <td>
                    {entry.target_kind} {entry.target_name ?? ""}
                    <small>
                      <code>{entry.target_id}</code>
                    </small>
                  </td>
                  <td>
                    {changes(entry.before, entry.after).map((line) => (
                      <div key={line}>
                        <code>{line}</code>
                      </div>
                    ))}
                  </td>
                  <td>{entry.address}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <MoreButton list={entries} />
    </div>
  );
}
