import { useState } from "react";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import type { Wanted } from "./bodies";
import styles from "./Prompting.module.css";

interface SubmitDialogProps {
  objects: readonly string[];
  first: number;
  last: number;
  wanted: Wanted;
  onWanted(wanted: Wanted): void;
  onSubmit(): Promise<void>;
  onClose(): void;
}

export const DEFAULTS: Wanted = {
  engine: "auto",
  quality: null,
  priority: "normal",
  outputs: ["mattes", "shapes", "overlay", "contact_sheet"],
  exports: ["json", "nuke"],
  range: null,
};

const ENGINES = [
  ["auto", "Best there is"],
  ["sam2", "SAM 2"],
  ["flow", "Optical flow"],
] as const;
const QUALITIES = [
  ["", "As the project says"],
  ["draft", "Draft"],
  ["standard", "Standard"],
  ["final", "Final"],
] as const;
const OUTPUTS = [
  ["mattes", "Mattes"],
  ["cryptomatte", "Cryptomatte"],
  ["shapes", "Shapes"],
  ["overlay", "Overlay movie"],
  ["contact_sheet", "Contact sheet"],
] as const;
const FORMATS = [
  ["nuke", "Nuke"],
  ["silhouette", "Silhouette"],
  ["fusion", "Fusion"],
  ["aftereffects", "After Effects"],
  ["blender", "Blender"],
  ["svg", "SVG"],
  ["lottie", "Lottie"],
  ["json", "roto/1"],
] as const;

/** What is wanted of the farm; what it refuses is told here, and can be mended. */
export function SubmitDialog({ objects, first, last, wanted, onWanted, onSubmit, onClose }: SubmitDialogProps) {
  const [from, to] = wanted.range ?? [first, last];
  const [typed, setTyped] = useState<[string, string]>([String(from), String(to)]);
  const set = (change: Partial<Wanted>) => onWanted({ ...wanted, ...change });
  const range = typed.map(Number) as [number, number];
  const isRange = range.every(Number.isInteger) && first <= range[0] && range[0] <= range[1] && range[1] <= last;

  function type(at: 0 | 1, text: string): void {
    const next: [string, string] = [...typed];
    next[at] = text;
    setTyped(next);
    const numbers = next.map(Number) as [number, number];
    set({ range: numbers[0] === first && numbers[1] === last ? null : numbers });
  }

  return (
    <ConfirmDialog
      title={`Track ${objects.join(", ")}`}
      verb="Submit"
      disabled={!isRange || wanted.outputs.length === 0}
      work={onSubmit}
      onClose={onClose}
    >
      <div className={styles.wanted}>
        <div className={styles.pair}>
          <Choice label="Engine" value={wanted.engine ?? "auto"} options={ENGINES} onChange={(engine) => set({ engine })} />
          <Choice
            label="Quality"
            value={wanted.quality ?? ""}
            options={QUALITIES}
            onChange={(quality) => set({ quality: quality === "" ? null : quality })}
          />
        </div>
        <div className={styles.pair}>
          <label>
            First frame
            <input type="number" min={first} max={last} value={typed[0]} onChange={(event) => type(0, event.target.value)} />
          </label>
          <label>
            Last frame
            <input type="number" min={first} max={last} value={typed[1]} onChange={(event) => type(1, event.target.value)} />
          </label>
        </div>
        {!isRange && (
          <p role="alert" className={styles.wrong}>
            The plate has frames {first} to {last}.
          </p>
        )}
        <Several label="What to make" options={OUTPUTS} chosen={wanted.outputs} onChange={(outputs) => set({ outputs })} />
        {wanted.outputs.includes("shapes") && (
          <Several label="Shapes for" options={FORMATS} chosen={wanted.exports} onChange={(exports) => set({ exports })} />
        )}
      </div>
    </ConfirmDialog>
  );
}

type Options<T extends string> = readonly (readonly [T, string])[];

function Choice<T extends string>(props: { label: string; value: string; options: Options<T>; onChange(value: T): void }) {
  return (
    <label>
      {props.label}
      <select value={props.value} onChange={(event) => props.onChange(event.target.value as T)}>
        {props.options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </label>
  );
}

function Several<T extends string>(props: {
  label: string;
  options: Options<T>;
  chosen: readonly string[];
  onChange(chosen: T[]): void;
}) {
  const toggled = (value: T) =>
    props.options.map(([each]) => each).filter((each) => props.chosen.includes(each) !== (each === value));
  return (
    <fieldset className={styles.several}>
      <legend>{props.label}</legend>
      {props.options.map(([value, label]) => (
        <label key={value}>
          <input type="checkbox" checked={props.chosen.includes(value)} onChange={() => props.onChange(toggled(value))} />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
