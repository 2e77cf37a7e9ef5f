import { useEffect, useRef, useState } from "react";
import { asName } from "roto-client/requests";
import type { Project } from "../api/projects";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { countOf, rateOf, rateText } from "../ui/rates";
import { TimeCell } from "../ui/TimeCell";
import { ConformTable } from "./ConformTable";
import { useConforms, useNewConform } from "./useConform";

interface PanelProps {
  project: Project;
  /** A list that was dropped with plates. */
  dropped: File | null;
  /** The list that is looked at; "" for a new one. */
  conformId: string;
  onOpen(id: string): void;
}

/** Shots out of an edit list: read it, look at what was found, then make them. */
export function ConformPanel({ project, dropped, conformId, onOpen }: PanelProps) {
  if (conformId) return <ConformTable key={conformId} id={conformId} onClose={() => onOpen("")} />;
  return (
    <>
      <NewList project={project} dropped={dropped} onOpen={onOpen} />
      <Earlier projectId={project.id} onOpen={onOpen} />
    </>
  );
}

function NewList({ project, dropped, onOpen }: Omit<PanelProps, "conformId">) {
  const make = useNewConform(project.id);
  const chooser = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File | null>(dropped);
  const [name, setName] = useState(dropped ? nameOf(dropped) : "");
  const [folders, setFolders] = useState(project.allowed_roots.join("\n"));
  const [rate, setRate] = useState(rateText(project.settings?.fps));
  const [handles, setHandles] = useState(String(project.settings?.handles ?? 0));
  const fps = rateOf(rate);
  const wanted = countOf(handles);

  useEffect(() => {
    if (dropped) show(chooser.current, dropped);
  }, [dropped]);

  function read(): void {
    if (!file) return;
    const places = folders.split("\n").map((line) => line.trim()).filter(Boolean);
    make.mutate(
      { file, name: name.trim(), fps: fps ?? null, folders: places, handles: wanted },
      { onSuccess: ({ id }) => onOpen(id) },
    );
  }

  return (
    <form
      className={page.form}
      onSubmit={(event) => {
        event.preventDefault();
        read();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        take(event.dataTransfer.files[0]);
      }}
    >
      <div className={page.row}>
        <Field label="Edit list" hint="EDL, Final Cut Pro 7 XML, AAF or OTIO; it can be dropped here.">
          <input
            ref={chooser}
            type="file"
            accept=".edl,.xml,.aaf,.otio,.txt"
            onChange={(event) => take(event.target.files?.[0])}
          />
        </Field>
        <Field label="Name of the edit" hint="Goes into the shots' names: reel2_0010">
          <input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
      </div>
      <Field label="Folders with the media, one a line" hint="As the studio names them; they are looked through four levels down. Plates of the project's shots are found without.">
        <textarea rows={2} value={folders} onChange={(event) => setFolders(event.target.value)} />
      </Field>
      <div className={page.row}>
        <Field
          label="Frames a second"
          hint={fps === undefined ? "As 24, 23.976 or 24000/1001." : "An EDL tells none; empty: as the project says."}
        >
          <input value={rate} aria-invalid={fps === undefined} onChange={(event) => setRate(event.target.value)} />
        </Field>
        <Field label="Handles" hint="Frames wanted before and after each cut">
          <input inputMode="numeric" value={handles} onChange={(event) => setHandles(event.target.value)} />
        </Field>
        <Button
          type="submit"
          look="main"
          disabled={!file || !name.trim() || fps === undefined || wanted === null || make.isPending}
        >
          {make.isPending ? "Reading…" : "Read the list"}
        </Button>
      </div>
      {make.error && <ProblemBox problem={make.error} />}
    </form>
  );

  function take(chosen: File | undefined): void {
    if (!chosen) return;
    setFile(chosen);
    show(chooser.current, chosen);
    if (!name) setName(nameOf(chosen));
  }
}

/** A file that came otherwise is seen in the chooser too. */
function show(chooser: HTMLInputElement | null, file: File): void {
  if (!chooser || chooser.files?.[0] === file) return;
  const shown = new DataTransfer();
  shown.items.add(file);
  chooser.files = shown.files;
}

function nameOf({ name }: File): string {
  return asName(name.replace(/\.[^.]*$/, ""));
}

function Earlier({ projectId, onOpen }: { projectId: string; onOpen(id: string): void }) {
  const lists = useConforms(projectId);
  if (!lists.data?.length) return null;
  return (
    <section className={page.section} aria-label="Earlier lists">
      <header>
        <h2>Earlier lists</h2>
      </header>
      <div className={page.scroll} tabIndex={0}>
        <table className={`${page.table} ${page.stacked}`}>
          <thead>
            <tr>
              <th>Name</th>
              <th>Events</th>
              <th>Made</th>
              <th>State</th>
              <th>Read</th>
            </tr>
          </thead>
          <tbody>
            {lists.data.map((list) => (
              <tr key={list.id}>
                <td>
                  <Button small look="bare" onClick={() => onOpen(list.id)}>
                    {list.name}
                  </Button>
                </td>
                <td data-label="Events">{list.events}</td>
                <td data-label="Made">{list.made}</td>
                <td data-label="State">{list.state === "applied" ? "✓ Applied" : "○ Open"}</td>
                <TimeCell label="Read" time={list.created_at} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
