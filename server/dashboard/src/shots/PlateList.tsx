import { useState } from "react";
import { Link } from "react-router";
import { useProject } from "../api/projects";
import { type Plate, type Shot, usePlates } from "../api/shots";
import { may } from "../session/session";
import { Button, LinkButton } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { timecodesOf, warningsOf } from "../ui/report";
import { StateChip } from "../ui/StateChip";
import { TimeCell } from "../ui/TimeCell";
import { useVersionSaid, VersionFields } from "../ui/VersionFields";
import { useAddPlate } from "./changes";
import { Infos } from "./PlateReport";
import styles from "./Shot.module.css";

/** The versions of the plate, newest first, in all its views. */
export function PlateList({ shot, edits }: { shot: Shot; edits: boolean }) {
  const plates = usePlates(shot.id);
  const project = useProject(shot.project_id);
  const [adding, setAdding] = useState(false);
  const uploads = edits && may(project.data, "add_shot");
  const views = new Set(plates.data?.map(({ view }) => view));
  return (
    <section className={page.section} aria-label="Plates">
      <header>
        <h2>Plates</h2>
        {uploads && (
          <LinkButton small to={uploadOf(shot.id)}>
            Upload a version
          </LinkButton>
        )}
        {edits && (
          <Button small onClick={() => setAdding(true)}>
            New version…
          </Button>
        )}
      </header>
      {plates.error && <ProblemBox problem={plates.error} />}
      {plates.data && (
        <div className={page.scroll} tabIndex={0}>
          <table className={`${page.table} ${page.stacked}`}>
            <thead>
              <tr>
                <th>Version</th>
                {views.size > 1 && <th>View</th>}
                <th>State</th>
                <th>Frames</th>
                <th>Plate</th>
                <th>By</th>
                <th>Made</th>
              </tr>
            </thead>
            <tbody>
              {plates.data.map((plate) => (
                <Row key={plate.id} plate={plate} showsView={views.size > 1} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {adding && <PlateDialog shotId={shot.id} plates={plates.data ?? []} uploads={uploads} onClose={() => setAdding(false)} />}
    </section>
  );
}

function Row({ plate, showsView }: { plate: Plate; showsView: boolean }) {
  const { frame_range: range, error } = plate;
  const told = error && typeof error.message === "string" ? error.message : "";
  return (
    <tr>
      <td data-label="Version">
        {plate.version}
        {plate.current && <small>in use</small>}
      </td>
      {showsView && <td data-label="View">{plate.view}</td>}
      <td data-label="State">
        <StateChip state={plate.state} />
        {told && <small className={page.bad}>{told}</small>}
        {plate.warnings.map(({ code, message }) => (
          <small key={code}>{message}</small>
        ))}
      </td>
      <td data-label="Frames">
        {range ? `${range[0]}–${range[1]}` : "–"}
        {timecodesOf(plate).map((timecode, at) => (
          <small key={timecode} className={styles.timecode}>
            {at ? `to ${timecode}` : timecode}
          </small>
        ))}
      </td>
      <td data-label="Plate">
        <span className={page.path}>{plate.plate.path}</span>
        {warningsOf(plate).map(({ message }) => (
          <small key={message} className={styles.reported}>
            {message}
          </small>
        ))}
        <Infos of={plate} />
      </td>
      <td data-label="By">{plate.created_by}</td>
      <TimeCell label="Made" time={plate.created_at} />
    </tr>
  );
}

function uploadOf(shotId: string): string {
  return `/upload?shot=${shotId}`;
}

interface PlateProps {
  shotId: string;
  plates: readonly Plate[];
  uploads: boolean;
  onClose(): void;
}

function PlateDialog({ shotId, plates, uploads, onClose }: PlateProps) {
  const add = useAddPlate(shotId);
  const [path, setPath] = useState("");
  const [said, setSaid] = useVersionSaid(plates);
  const { view, offset } = said;
  return (
    <ConfirmDialog
      title="A new version of the plate"
      verb="Add"
      disabled={!path.trim() || !view.trim() || offset === null}
      work={() =>
        add.mutateAsync({ plate: { path: path.trim() }, view: view.trim(), frame_offset: offset ?? 0 })
      }
      onClose={onClose}
    >
      <div className={page.form}>
        <Field
          label="Movie or sequence"
          hint="As the studio names it, in one of the project's folders: /mnt/show/sh010.####.exr"
        >
          <input value={path} onChange={(event) => setPath(event.target.value)} />
        </Field>
        <VersionFields said={said} onChange={setSaid} />
        {uploads && (
          <p>
            Is it on this machine? <Link to={uploadOf(shotId)}>Upload it</Link>.
          </p>
        )}
      </div>
    </ConfirmDialog>
  );
}
