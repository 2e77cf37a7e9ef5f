import { useState } from "react";
import type { Project } from "../api/projects";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { say } from "../ui/Toasts";
import { useChangeProject } from "./changes";
import { changeOf, type Draft, draftOf, faults, rebased, USUAL_TEMPLATE } from "./draft";

/** What a project says once for all its shots. Read only for who may not change it. */
export function SettingsForm({ project, manages }: { project: Project; manages: boolean }) {
  const change = useChangeProject(project.id);
  const [base, setBase] = useState(project);
  const [draft, setDraft] = useState(() => draftOf(project));
  if (base.updated_at !== project.updated_at) {
    setBase(project);
    setDraft(rebased(draft, base, project));
  }
  const wrong = faults(draft);
  const body = changeOf(project, draft);
  const changed = Object.keys(body).length > 0;
  const set = (part: Partial<Draft>) => setDraft({ ...draft, ...part });
  const text = (name: keyof Draft, most = 200) => ({
    value: String(draft[name]),
    maxLength: most,
    onChange: (event: { target: { value: string } }) => set({ [name]: event.target.value }),
  });

  return (
    <form
      className={page.form}
      onSubmit={(event) => {
        event.preventDefault();
        // What is refused stays in the form, and is shown below.
        change.mutateAsync(body).then(() => say("Saved."), () => undefined);
      }}
    >
      <fieldset className={page.plain} disabled={!manages}>
        <legend className={page.legend}>Settings</legend>
        <div className={page.form}>
          <div className={page.row}>
            <Field label="Name" wrong={wrong.name}>
              <input {...text("name", 100)} />
            </Field>
            <Field label="Client">
              <input {...text("client")} />
            </Field>
          </div>
          <div className={page.row}>
            <Field label="Frames a second" hint="Of plates that tell none." wrong={wrong.fps}>
              <input {...text("fps", 20)} />
            </Field>
            <Field label="Handles" hint="Frames before and after a cut." wrong={wrong.handles}>
              <input inputMode="numeric" {...text("handles", 4)} />
            </Field>
            <Field label="Colour space" hint="Of plates that tell none.">
              <input {...text("colorspace")} />
            </Field>
            <Field label="Quality" hint="What jobs are done with.">
              <select
                value={draft.quality}
                onChange={(event) => set({ quality: event.target.value as Draft["quality"] })}
              >
                <option value="draft">Draft</option>
                <option value="standard">Standard</option>
                <option value="final">Final</option>
              </select>
            </Field>
          </div>
          <Field
            label="Folders plates may be read from, one a line"
            hint="As any of the studio's systems names them. A folder the server may not read is opened by an administrator."
          >
            <textarea rows={3} value={draft.roots} onChange={(event) => set({ roots: event.target.value })} />
          </Field>
          <div className={page.row}>
            <Field
              label="Results are published below"
              hint="Empty: they stay on the server."
              wrong={wrong.publishFolder}
            >
              <input {...text("publishFolder", 4000)} />
            </Field>
            <Field
              label="Named as"
              hint={`Empty: ${USUAL_TEMPLATE}`}
            >
              <input {...text("publishTemplate", 500)} placeholder={USUAL_TEMPLATE} />
            </Field>
          </div>
          <label className={page.check}>
            <input
              type="checkbox"
              checked={draft.artistsSeeAll}
              onChange={(event) => set({ artistsSeeAll: event.target.checked })}
            />
            Artists see all shots of the project, not only their own
          </label>
        </div>
      </fieldset>
      {change.error && <ProblemBox problem={change.error} />}
      {manages && (
        <div className={page.actions}>
          <Button disabled={!changed} onClick={() => setDraft(draftOf(project))}>
            As it was
          </Button>
          <Button
            type="submit"
            look="main"
            disabled={!changed || Object.keys(wrong).length > 0 || change.isPending}
          >
            Save
          </Button>
        </div>
      )}
    </form>
  );
}
