import { Link } from "react-router";
import { type Shot, useAllVersions, type Version } from "../api/shots";
import { EmptyState } from "../ui/EmptyState";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { percent } from "../ui/rates";
import { StateChip } from "../ui/StateChip";
import { TimeCell } from "../ui/TimeCell";
import { plural } from "../ui/words";

/** The versions of the shot's results, newest first: what came out, and what was said of it. */
export function VersionList({ shot, edits }: { shot: Shot; edits: boolean }) {
  const versions = useAllVersions(shot.id);
  return (
    <section className={page.section} aria-label="Versions">
      <header>
        <h2>Versions</h2>
      </header>
      {versions.error && <ProblemBox problem={versions.error} again={() => void versions.refetch()} />}
      {versions.data?.length === 0 && (
        <EmptyState title="No version yet">
          <p>
            {edits
              ? "Click on what to isolate under Prompt, or submit the shot from a host."
              : "Versions appear when an artist submits the shot."}
          </p>
        </EmptyState>
      )}
      {versions.data && versions.data.length > 0 && (
        <div className={page.scroll} tabIndex={0}>
          <table className={`${page.table} ${page.stacked}`}>
            <thead>
              <tr>
                <th>Version</th>
                <th>Job</th>
                <th>Objects</th>
                <th>Confidence</th>
                <th>Notes</th>
                <th>Review</th>
                <th>By</th>
                <th>Made</th>
              </tr>
            </thead>
            <tbody>
              {versions.data.map((version) => (
                <Row key={version.id} version={version} shotId={shot.id} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ version, shotId }: { version: Version; shotId: string }) {
  const done = version.state === "succeeded" && version.kind === "roto";
  const name = `${version.kind === "roto" ? "" : "export "}v${version.version}`;
  const { confidence, review, notes, open_notes: open } = version;
  return (
    <tr>
      <td>{done ? <Link to={`/shots/${shotId}/review?job=${version.id}`}>{name}</Link> : name}</td>
      <td data-label="Job">
        <Link to={`/jobs/${version.id}`}>
          <StateChip state={version.state} />
        </Link>
      </td>
      <td data-label="Objects">{version.objects.map((one) => one.name).join(", ")}</td>
      <td data-label="Confidence">
        {confidence ? `${percent(confidence.lowest)} at worst` : "–"}
        {confidence && confidence.needs_you > 0 && <small>{plural(confidence.needs_you, "frame")} {confidence.needs_you === 1 ? "needs" : "need"} you</small>}
      </td>
      <td data-label="Notes">{notes ? `${open} open of ${notes}` : "–"}</td>
      <td data-label="Review">{review ? <StateChip state={review.after} title={review.reason} /> : "–"}</td>
      <td data-label="By">{version.created_by}</td>
      <TimeCell label="Made" time={version.created_at} />
    </tr>
  );
}
