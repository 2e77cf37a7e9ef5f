import { Field } from "./Field";

interface MatteNamesProps {
  template: string;
  wrong: string | undefined;
  onChange: (template: string) => void;
}

/** How the mattes' files are to be called. */
export function MatteNames({ template, wrong, onChange }: MatteNamesProps) {
  return (
    <Field label="Names of the mattes" hint="Empty: the usual." wrong={wrong}>
      <input
        value={template}
        placeholder="{object}_matte_v{version:03d}.{frame:04d}.{ext}"
        onChange={(event) => onChange(event.target.value.trim())}
      />
    </Field>
  );
}
