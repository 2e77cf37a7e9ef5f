import { useState } from "react";
import { Button, LinkButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { EmptyState } from "../ui/EmptyState";
import { MoreButton } from "../ui/MoreButton";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { say, sayRefused } from "../ui/Toasts";
import { away, exact } from "../ui/time";
import { Waiting } from "../ui/Waiting";
import { type Trashed, usePurge, useRestore, useTrash } from "./changes";

/** What was deleted and can be had back, last deleted first. */
export default function TrashPage() {
  const trash = useTrash();
  const restore = useRestore();
  const [purging, setPurging] = useState<Trashed | null>(null);
  return (
    <div className={page.page}>
      <header className={page.head}>
        <h1>Trash</h1>
        <LinkButton to="/projects">Projects</LinkButton>
      </header>
      {trash.isPending && <Waiting />}
      {trash.error && <ProblemBox problem={trash.error} again={() => void trash.refetch()} />}
      {trash.isSuccess && trash.rows.length === 0 && (
        <EmptyState title="Nothing lies in the trash">
          <p>Projects, shots, objects and versions that are deleted wait here for a while, and can be restored.</p>
        </EmptyState>
      )}
      {trash.rows.length > 0 && (
        <div className={page.scroll} tabIndex={0}>
          <table className={`${page.table} ${page.stacked}`}>
            <thead>
              <tr>
                <th>What</th>
                <th>Name</th>
                <th>Of</th>
                <th>Deleted</th>
                <th>Removed for good</th>
                <th aria-label="Restore or remove" />
              </tr>
            </thead>
            <tbody>
              {trash.rows.map((thing) => (
                <tr key={`${thing.kind} ${thing.id}`}>
                  <td data-label="What">{thing.kind}</td>
                  <td data-label="Name">{thing.name}</td>
                  <td data-label="Of">{placeOf(thing)}</td>
                  <td data-label="Deleted" title={exact(thing.trashed_at)}>
                    {away(thing.trashed_at)}
                    <small>{thing.trashed_by}</small>
                  </td>
                  <td data-label="Removed for good">{thing.purging ? "now" : thing.purge_at ? away(thing.purge_at) : "never by itself"}</td>
                  <td>
                    {!thing.purging && (
                      <div className={page.actions}>
                        <Button
                          small
                          aria-label={`Restore ${thing.name}`}
                          disabled={restore.isPending}
                          onClick={() =>
                            restore.mutate(thing, {
                              onSuccess: () => say(`${thing.name} is back.`),
                              onError: sayRefused,
                            })
                          }
                        >
                          Restore
                        </Button>
                        <Button
                          small
                          look="danger"
                          aria-label={`Remove ${thing.name} for good`}
                          onClick={() => setPurging(thing)}
                        >
                          Remove…
                        </Button>
                      </div>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <MoreButton list={trash} />
      {purging && <PurgeDialog thing={purging} onClose={() => setPurging(null)} />}
    </div>
  );
}

function placeOf({ kind, project_name, shot_name }: Trashed): string {
  if (kind === "project") return "";
  return shot_name && kind !== "shot" ? `${project_name} / ${shot_name}` : project_name;
}

/** What cannot be undone is asked for by its name. */
function PurgeDialog({ thing, onClose }: { thing: Trashed; onClose(): void }) {
  const purge = usePurge();
  const [typed, setTyped] = useState("");
  return (
    <ConfirmDialog
      title={`Remove the ${thing.kind} ${thing.name} for good?`}
      verb="Remove for good"
      dangerous
      disabled={typed !== thing.name}
      work={() => purge.mutateAsync(thing)}
      onClose={onClose}
    >
      <p>Its files on the server go with it, and nothing brings them back. What was published into your folders stays.</p>
      <div className={page.field}>
        <label htmlFor="purged-name">Type its name: {thing.name}</label>
        <input id="purged-name" autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} />
      </div>
    </ConfirmDialog>
  );
}
