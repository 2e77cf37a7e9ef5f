import { useState } from "react";
import { Button } from "../ui/Button";
import page from "../ui/Page.module.css";
import { sayRefused } from "../ui/Toasts";
import { TimeCell } from "../ui/TimeCell";
import type { Session } from "./access";
import styles from "./People.module.css";

interface SessionTableProps {
  sessions: readonly Session[];
  end(id: string): Promise<unknown>;
  /** What is done with the sign-in one looks from. */
  endThis(): Promise<void>;
}

/** Where somebody is signed in. */
export function SessionTable({ sessions, end, endThis }: SessionTableProps) {
  const [busy, setBusy] = useState("");

  function signOut(session: Session): void {
    setBusy(session.id);
    void (session.current ? endThis() : end(session.id)).catch(sayRefused).finally(() => setBusy(""));
  }

  return (
    <div className={page.scroll} tabIndex={0}>
      <table className={`${page.table} ${page.cards}`}>
        <thead>
          <tr>
            <th>Where</th>
            <th>Address</th>
            <th>By</th>
            <th>Since</th>
            <th>Last used</th>
            <th>Ends</th>
            <th aria-label="Sign out" />
          </tr>
        </thead>
        <tbody>
          {sessions.map((session) => (
            <tr key={session.id}>
              <th scope="row">
                {session.client || "A program"}
                {session.current && <span className={styles.tag}>this browser</span>}
              </th>
              <td data-label="Address">{session.address}</td>
              <td data-label="By">{session.kind === "oidc" ? "the studio's sign-in" : "password"}</td>
              <TimeCell label="Since" time={session.created_at} />
              <TimeCell label="Last used" time={session.last_used_at} />
              <TimeCell label="Ends" time={session.expires_at} />
              <td>
                <div className={page.actions}>
                  <Button
                    small
                    disabled={busy === session.id}
                    aria-label={`Sign out ${session.current ? "here" : session.client || "a program"}`}
                    onClick={() => signOut(session)}
                  >
                    Sign out
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
