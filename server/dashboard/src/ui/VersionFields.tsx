import { useState } from "react";
import { viewOf } from "../api/shots";
import { Field } from "./Field";
import page from "./Page.module.css";

/** What people say of a new version of a plate. */
export interface VersionSaid {
  view: string;
  /** null: what was written is no number. */
  offset: number | null;
  written: string;
}

type Change = (said: VersionSaid) => void;

export function useVersionSaid(plates: readonly { view: string }[]): [VersionSaid, Change] {
  const [said, setSaid] = useState<VersionSaid | null>(null);
  // The view is chosen when the plates are known, until somebody says another.
  return [said ?? { view: viewOf(plates), offset: 0, written: "0" }, setSaid];
}

/** Which view it is of, and how its frames are numbered. */
export function VersionFields({ said, onChange }: { said: VersionSaid; onChange: Change }) {
  return (
    <div className={page.row}>
      <Field label="View" hint="left and right of stereo; main otherwise">
        <input value={said.view} maxLength={32} onChange={({ target }) => onChange({ ...said, view: target.value })} />
      </Field>
      <Field label="Frame offset" hint="Added to the frames of before">
        <input value={said.written} onChange={({ target }) => onChange({ ...said, ...offsetOf(target.value) })} />
      </Field>
    </div>
  );
}

function offsetOf(written: string): Pick<VersionSaid, "offset" | "written"> {
  return { written, offset: /^-?\d{1,7}$/.test(written.trim()) ? Number(written) : null };
}
