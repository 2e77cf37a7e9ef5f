import { Link } from "react-router";
import type { AuditEntryOut } from "../api/schema";
import page from "../ui/Page.module.css";
import { dayOf, exact, hourOf } from "../ui/time";
import type { Filter } from "./audit";
import { changes } from "./changes";
import styles from "./People.module.css";

interface AuditTableProps {
  entries: readonly AuditEntryOut[];
  /** The address that shows only what has this value. */
  only(name: Filter, value: string): string;
}

export function AuditTable({ entries, only }: AuditTableProps) {
  return (
    <div className={page.scroll} tabIndex={0}>
      <table className={`${page.table} ${page.cards} ${styles.audit}`}>
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
          {entries.map((entry) => (
            <tr key={entry.seq}>
              <td data-label="When" title={exact(entry.at)}>
                <div>
                  {dayOf(entry.at)}
                  <small>{hourOf(entry.at)}</small>
                </div>
              </td>
              <td data-label="Who">
                <div>
                  {entry.actor.id ? (
                    <Link to={only("actor", entry.actor.id)} title="Only what they did">
                      {entry.actor.name ?? entry.actor.id}
                    </Link>
                  ) : (
                    entry.actor.kind
                  )}
                  {entry.via && <small>{entry.via}</small>}
                </div>
              </td>
              <td data-label="Did">
                <Link to={only("action", entry.action)} title="Only this">
                  {entry.action}
                </Link>
              </td>
              <td data-label="To">
                <div>
                  {entry.target_kind} {entry.target_name ?? ""}
                  {entry.target_id && (
                    <small>
                      <Link to={only("target", entry.target_id)} title="Only what was done to it">
                        <code>{entry.target_id}</code>
                      </Link>
                    </small>
                  )}
                </div>
              </td>
              <td data-label="Changed">
                <div>
                  {changes(entry.before, entry.after).map((line) => (
                    <div key={line}>
                      <code>{line}</code>
                    </div>
                  ))}
                </div>
              </td>
              <td data-label="From">
                <div>
                  {entry.address}
                  {entry.request_id && <small>request {entry.request_id}</small>}
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
