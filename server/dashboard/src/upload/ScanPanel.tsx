import { useState } from "react";
import { Link } from "react-router";
import type { BulkItem, FoundOut, ScanOut } from "../api/schema";
import { Button } from "../ui/Button";
import { EmptyState } from "../ui/EmptyState";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { say } from "../ui/Toasts";
import { shotOf, useMakeShots, useScan } from "./useScan";
import styles from "./Upload.module.css";

/** Plates that lie in the studio's own folders: they are read where they are, nothing is sent. */
export function ScanPanel({ projectId }: { projectId: string }) {
  const scan = useScan(projectId);
  const [path, setPath] = useState("");
  const [depth, setDepth] = useState("3");
  return (
    <>
      <form
        className={page.row}
        onSubmit={(event) => {
          event.preventDefault();
          scan.mutate({ path: path.trim(), depth: Number(depth) });
        }}
      >
        <Field label="Folder, as the studio names it">
          <input
            value={path}
            placeholder="/mnt/show/plates"
            onChange={(event) => setPath(event.target.value)}
          />
        </Field>
        <Field label="Levels of folders below it">
          <select value={depth} onChange={(event) => setDepth(event.target.value)}>
            {Array.from({ length: 11 }, (_, levels) => (
              <option key={levels}>{levels}</option>
            ))}
          </select>
        </Field>
        <Button type="submit" look="main" disabled={!path.trim() || scan.isPending}>
          {scan.isPending ? "Looking…" : "Look for plates"}
        </Button>
      </form>
      {scan.error && <ProblemBox problem={scan.error} />}
      {scan.data && <FoundPlates key={scan.submittedAt} told={scan.data} projectId={projectId} />}
    </>
  );
}

export function FoundPlates({ told, projectId }: { told: ScanOut; projectId: string }) {
  const make = useMakeShots(projectId);
  // What lies beside another is a view of that one's shot.
  const plates = told.found.filter(({ beside }) => !beside);
  const [names, setNames] = useState(() => new Map(plates.map((one) => [one.path, one.name])));
  const [left, setLeft] = useState<ReadonlySet<string>>(
    () => new Set(plates.filter(({ shot_id }) => shot_id).map((one) => one.path)),
  );
  // Of every time that some were made, the last answer.
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, BulkItem>>(new Map());
  const isMade = ({ path }: FoundOut) => Boolean(outcomes.get(path)?.shot);
  const chosen = plates.filter((one) => !left.has(one.path) && !isMade(one));
  const fresh = plates.filter((one) => !one.shot_id && !isMade(one));
  const all = fresh.length > 0 && fresh.every(({ path }) => !left.has(path));

  if (!plates.length) {
    return (
      <EmptyState title="No plate lies there">
        <p>
          {told.folders} folders were looked through for movies and numbered sequences. Try more levels, or the
          folder above.
        </p>
      </EmptyState>
    );
  }
  return (
    <section className={page.section} aria-label="Found">
      <header>
        <h2>Found</h2>
        <Button
          look="main"
          disabled={chosen.length === 0 || make.isPending || chosen.some((one) => !names.get(one.path)?.trim())}
          onClick={() =>
            make.mutate(
              {
                shots: chosen.map((one) => shotOf(one, told.found, names.get(one.path)?.trim() ?? one.name)),
                tell: (some) => setOutcomes((before) => new Map([...before, ...some])),
              },
              { onSuccess: (made) => say(`${made} of ${chosen.length} shots made.`) },
            )
          }
        >
          {make.isPending ? "Making…" : `Make ${chosen.length} ${chosen.length === 1 ? "shot" : "shots"}`}
        </Button>
      </header>
      {told.ended_by && (
        <p className={page.bad}>
          Not all of it was looked through: the limit of {told.ended_by} was reached. Name a folder further down for the rest.
        </p>
      )}
      {told.skipped.length > 0 && (
        <p className={page.dim} title={told.skipped.map((one) => `${one.path}: ${one.reason}`).join("\n")}>
          {told.skipped.length} left out: {told.skipped[0]?.path} ({told.skipped[0]?.reason})
        </p>
      )}
      {make.error && <ProblemBox problem={make.error} />}
      <div className={page.scroll} tabIndex={0}>
        <table className={`${page.table} ${page.stacked}`}>
          <thead>
            <tr>
              <th>
                <input
                  type="checkbox"
                  aria-label="Make shots of all that are new"
                  checked={all}
                  disabled={!fresh.length}
                  onChange={() => {
                    const paths = fresh.map(({ path }) => path);
                    setLeft(new Set(all ? [...left, ...paths] : [...left].filter((one) => !paths.includes(one))));
                  }}
                />
              </th>
              <th>Plate</th>
              <th>Shot</th>
              <th>Frames</th>
              <th>State</th>
            </tr>
          </thead>
          <tbody>
            {plates.map((plate) => (
              <tr key={plate.path}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`Make a shot of ${plate.path}`}
                    checked={!left.has(plate.path)}
                    disabled={isMade(plate)}
                    onChange={() => {
                      const after = new Set(left);
                      if (!after.delete(plate.path)) after.add(plate.path);
                      setLeft(after);
                    }}
                  />
                </td>
                <td className={page.path}>{plate.path}</td>
                <td data-label="Shot">
                  <input
                    className={styles.name}
                    aria-label={`Shot of ${plate.path}`}
                    value={names.get(plate.path) ?? ""}
                    maxLength={100}
                    disabled={isMade(plate)}
                    onChange={(event) => setNames(new Map(names).set(plate.path, event.target.value))}
                  />
                </td>
                <td data-label="Frames">
                  {plate.frames ? `${plate.frames[0]}–${plate.frames[1]}` : "movie"}
                  {plate.missing > 0 && <small className={page.bad}>{plate.missing} missing</small>}
                </td>
                <td data-label="State">
                  <Outcome plate={plate} item={outcomes.get(plate.path)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Outcome({ plate, item }: { plate: FoundOut; item: BulkItem | undefined }) {
  if (item?.shot) return <Link to={`/shots/${item.shot.id}`}>✓ Made</Link>;
  if (item?.error) {
    return (
      <span className={page.bad}>
        ✕ {item.error.message} <small>{item.error.hint}</small>
      </span>
    );
  }
  if (plate.shot_id) return <Link to={`/shots/${plate.shot_id}`}>A shot reads it already</Link>;
  return <>New</>;
}
