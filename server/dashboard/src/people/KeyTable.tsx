import { useState } from "react";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import page from "../ui/Page.module.css";
import { TimeCell } from "../ui/TimeCell";
import { away, exact } from "../ui/time";
import type { Key } from "./access";
import styles from "./People.module.css";

interface KeyTableProps {
  keys: readonly Key[];
  revoke(id: string): Promise<unknown>;
}

/** Keys by what they are called, never by what they are. */
export function KeyTable({ keys, revoke }: KeyTableProps) {
  const [leaving, setLeaving] = useState<Key | null>(null);
  return (
    <div className={page.scroll} tabIndex={0}>
      <table className={`${page.table} ${page.cards}`}>
        <thead>
          <tr>
            <th>Key</th>
            <th>It may</th>
            <th>Made</th>
            <th>Expires</th>
            <th>Last used</th>
            <th aria-label="Revoke" />
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row">
                {key.name}
                {key.source === "device" && <span className={styles.tag}>let in with a code</span>}
                <small>
                  <code>{key.prefix}…</code>
                </small>
              </th>
              <td data-label="It may">{key.scopes.join(", ")}</td>
              <TimeCell label="Made" time={key.created_at} />
              <td data-label="Expires" title={key.expires_at ? exact(key.expires_at) : undefined}>{expiry(key)}</td>
              <TimeCell label="Last used" time={key.last_used_at} />
              <td>
                <div className={page.actions}>
                  <Button small look="danger" aria-label={`Revoke the key ${key.name}`} onClick={() => setLeaving(key)}>
                    Revoke…
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {leaving && (
        <ConfirmDialog
          title={`Revoke the key ${leaving.name}?`}
          verb="Revoke"
          dangerous
          work={() => revoke(leaving.id)}
          onClose={() => setLeaving(null)}
        >
          <p>
            Whatever signs in with <code>{leaving.prefix}…</code> is refused from now on. This cannot be taken back; a
            new key can be made.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}

export function expiry({ expires_at }: Pick<Key, "expires_at">, now = Date.now()) {
  if (!expires_at) return "never";
  if (Date.parse(expires_at) > now) return away(expires_at, now);
  return <span className={page.bad}>✕ expired {away(expires_at, now)}</span>;
}
