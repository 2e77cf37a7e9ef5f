/** Small things every part of the panel is made of. */

import { type ReactNode, useId } from "react";

import { PanelError } from "../errors";

export function Section(props: { title: string; aside?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

export function Button(props: {
  children: ReactNode;
  onClick: () => void;
  main?: boolean;
  disabled?: boolean;
  title?: string;
  pressed?: boolean;
}) {
  return (
    <button
      type="button"
      className={props.main ? "main" : undefined}
      disabled={props.disabled}
      title={props.title}
      aria-pressed={props.pressed}
      onClick={props.onClick}
    >
      {props.children}
    </button>
  );
}

export function Field(props: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  secret?: boolean;
  title?: string;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        type={props.secret ? "password" : "text"}
        value={props.value}
        placeholder={props.placeholder}
        title={props.title}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => props.onChange(event.target.value)}
      />
    </div>
  );
}

export function Choice<T extends string>(props: {
  label: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange: (value: T) => void;
}) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <select
        id={id}
        value={props.value}
        onChange={(event) => {
          const found = props.options.find(([value]) => value === event.target.value);
          if (!found) throw new PanelError(`${event.target.value} is none of the choices`);
          props.onChange(found[0]);
        }}
      >
        {props.options.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

export function Tick(props: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  title?: string;
}) {
  return (
    <label className="tick" title={props.title}>
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      {props.label}
    </label>
  );
}

export function Bar(props: { fraction: number | null; label: string; state?: string }) {
  const percent = props.fraction === null ? undefined : Math.round(props.fraction * 100);
  return (
    <div
      className={`bar ${props.state ?? ""} ${percent === undefined ? "unknown" : ""}`}
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
    >
      <span style={{ width: `${percent ?? 100}%` }} />
    </div>
  );
}

export function Problem(props: { message: string; hint: string }) {
  return (
    <p className="problem" role="alert">
      {props.message} {props.hint && <span className="hint">{props.hint}</span>}
    </p>
  );
}
