import type { ReactElement } from "react";
import styles from "./Choices.module.css";
import { Field } from "./Field";

type Options<T extends string> = readonly (readonly [T, string])[];

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: Options<T>;
  hint?: string | undefined;
  onChange(value: T): void;
}

/** One of several. */
export function Choice<T extends string>({ label, value, options, hint, onChange }: ChoiceProps<T>) {
  return (
    <Field label={label} hint={hint}>
      <select value={value} onChange={(event) => onChange(event.target.value as T)}>
        {options.map(([each, name]) => (
          <option key={each} value={each}>
            {name}
          </option>
        ))}
      </select>
    </Field>
  );
}

interface SeveralProps<T extends string> {
  label: string;
  options: Options<T>;
  chosen: readonly string[];
  wrong?: string | undefined;
  onChange(chosen: T[]): void;
}

/** Any of several, in the order they are offered in. */
export function Several<T extends string>({ label, options, chosen, wrong, onChange }: SeveralProps<T>): ReactElement {
  const toggled = (value: T) =>
    options.map(([each]) => each).filter((each) => chosen.includes(each) !== (each === value));
  return (
    <fieldset className={styles.several}>
      <legend>{label}</legend>
      {options.map(([value, name]) => (
        <label key={value}>
          <input type="checkbox" checked={chosen.includes(value)} onChange={() => onChange(toggled(value))} />
          {name}
        </label>
      ))}
      {wrong && <small role="alert">{wrong}</small>}
    </fieldset>
  );
}
