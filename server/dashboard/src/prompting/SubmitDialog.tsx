import { useQuery } from "@tanstack/react-query";
import { type ReactNode } from "react";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import { Choice, Several } from "../ui/Choices";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import { FORMATS, MATTES, OUTPUTS, QUALITIES, VIDEOS } from "../ui/files";
import { MatteNames } from "../ui/MatteNames";
import page from "../ui/Page.module.css";
import styles from "./Prompting.module.css";
import * as wanting from "./wanted";

interface SubmitDialogProps {
  objects: readonly string[];
  first: number;
  last: number;
  wanted: wanting.Wanted;
  onWanted(wanted: wanting.Wanted): void;
  onSubmit(): Promise<void>;
  onClose(): void;
  /** A way out of what was refused. */
  children?: ReactNode;
}

const DETAIL = [
  ["", "As the quality says"],
  ["yes", "Looked at twice"],
  ["no", "Looked at once"],
] as const;

/** What is wanted of the farm; what it refuses is told here, and can be mended. */
export function SubmitDialog(props: SubmitDialogProps) {
  const { objects, first, last, wanted, onWanted } = props;
  const engines = useEngines();
  const set = (change: Partial<wanting.Wanted>) => onWanted({ ...wanted, ...change });
  const wrong = wanting.wrongOf(wanted, first, last);
  const models = wanting.modelChoices(engines ?? [], wanted.engine);

  function setEngine(engine: string): void {
    const has = wanting.modelChoices(engines ?? [], engine).some(([model]) => model === wanted.model);
    set({ engine, model: has ? wanted.model : "auto" });
  }

  return (
    <ConfirmDialog
      title={`Track ${objects.join(", ")}`}
      verb="Submit"
      disabled={Object.keys(wrong).length > 0}
      work={props.onSubmit}
      onClose={props.onClose}
    >
      <div className={page.form}>
        <div className={page.row}>
          <Choice label="Engine" value={wanted.engine} options={wanting.ENGINE_CHOICES} onChange={setEngine} />
          <Choice
            label="Model"
            value={wanted.model}
            options={models}
            hint={(engines && wanting.waitsFor(engines, wanted)) ?? undefined}
            onChange={(model) => set({ model })}
          />
        </div>
        <div className={page.row}>
          <Choice
            label="Quality"
            value={wanted.quality ?? ""}
            options={QUALITIES}
            onChange={(quality) => set({ quality: quality || null })}
          />
          <Choice
            label="Priority"
            value={wanted.priority}
            options={wanting.PRIORITIES}
            onChange={(priority) => set({ priority })}
          />
        </div>
        <Range {...{ first, last }} range={wanted.range} wrong={wrong.range} onChange={(range) => set({ range })} />
        <Several
          label="What to make"
          options={OUTPUTS}
          chosen={wanted.outputs}
          wrong={wrong.outputs}
          onChange={(outputs) => set({ outputs })}
        />
        {wanted.outputs.includes("shapes") && (
          <Several
            label="Shapes for"
            options={FORMATS}
            chosen={wanted.exports}
            wrong={wrong.exports}
            onChange={(exports) => set({ exports })}
          />
        )}
        <details className={styles.more}>
          <summary>Movies, files and edges</summary>
          <div className={page.form}>
            <Several label="Movies" options={VIDEOS} chosen={wanted.videos} onChange={(videos) => set({ videos })} />
            <div className={page.row}>
              <Choice label="Mattes as" value={wanted.mattes} options={MATTES} onChange={(mattes) => set({ mattes })} />
              <Choice
                label="Edges"
                value={wanted.detail === null ? "" : wanted.detail ? "yes" : "no"}
                options={DETAIL}
                onChange={(detail) => set({ detail: detail === "" ? null : detail === "yes" })}
              />
            </div>
            <div className={page.row}>
              <Field label="Tolerance of the shapes" hint="Plate pixels; empty: as the quality says." wrong={wrong.tolerance}>
                <input
                  inputMode="decimal"
                  value={wanted.tolerance}
                  onChange={(event) => set({ tolerance: event.target.value.trim() })}
                />
              </Field>
              <MatteNames template={wanted.template} wrong={wrong.template} onChange={(template) => set({ template })} />
            </div>
            <label className={page.check}>
              <input type="checkbox" checked={wanted.publish} onChange={() => set({ publish: !wanted.publish })} />
              Publish the files where the project publishes
            </label>
          </div>
        </details>
        {props.children}
      </div>
    </ConfirmDialog>
  );
}

interface RangeProps {
  first: number;
  last: number;
  range: wanting.Wanted["range"];
  wrong: string | undefined;
  onChange(range: wanting.Wanted["range"]): void;
}

function Range({ first, last, range, wrong, onChange }: RangeProps) {
  const all: [string, string] = [String(first), String(last)];
  const typed = range ?? all;
  const type = (next: [string, string]) => onChange(next.join() === all.join() ? null : next);
  return (
    <div className={page.row}>
      <Field label="First frame" wrong={wrong}>
        <input inputMode="numeric" value={typed[0]} onChange={({ target }) => type([target.value.trim(), typed[1]])} />
      </Field>
      <Field label="Last frame">
        <input inputMode="numeric" value={typed[1]} onChange={({ target }) => type([typed[0], target.value.trim()])} />
      </Field>
    </div>
  );
}

/** What the farm can run; undefined until it is known. Workers come and go without an event. */
function useEngines() {
  const { data: known } = useQuery({
    queryKey: [...keys.farm, "engines"],
    staleTime: 0,
    queryFn: () => data(api.GET("/api/v1/engines")),
  });
  return known?.engines;
}
