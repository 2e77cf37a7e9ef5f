import { useState } from "react";
import type { Shot } from "../api/shots";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { Field } from "../ui/Field";
import page from "../ui/Page.module.css";
import { countOf, rateOf, rateText } from "../ui/rates";
import { useChangeShot } from "./changes";

/** What somebody says of a shot: its name, and how its plate is to be understood. */
export function ShotDialog({ shot, onClose }: { shot: Shot; onClose(): void }) {
  const change = useChangeShot(shot.id);
  const [name, setName] = useState(shot.name);
  const [colorspace, setColorspace] = useState(shot.colorspace ?? "");
  const [rate, setRate] = useState(rateText(shot.fps));
  const [head, setHead] = useState(String(shot.handles?.[0] ?? 0));
  const [tail, setTail] = useState(String(shot.handles?.[1] ?? 0));
  const fps = rateOf(rate);
  const handles = [countOf(head), countOf(tail)] as const;
  // A rate can be put right, not taken away.
  const hasRate = fps === null ? !shot.fps : fps !== undefined;
  const right = name.trim() !== "" && hasRate && handles[0] !== null && handles[1] !== null;

  async function save(): Promise<void> {
    const body = {
      ...(name.trim() !== shot.name && { name: name.trim() }),
      ...(colorspace.trim() !== (shot.colorspace ?? "") && { colorspace: colorspace.trim() || null }),
      ...(rate !== rateText(shot.fps) && fps && { fps }),
      ...((handles[0] !== shot.handles?.[0] || handles[1] !== shot.handles?.[1]) && {
        handles: [handles[0] ?? 0, handles[1] ?? 0] as [number, number],
      }),
    };
    if (Object.keys(body).length) await change.mutateAsync(body);
  }

  return (
    <ConfirmDialog title={`Settings of ${shot.name}`} verb="Save" disabled={!right} work={save} onClose={onClose}>
      <div className={page.form}>
        <Field label="Name" hint="Letters, digits, _ - . and spaces.">
          <input value={name} maxLength={100} onChange={(event) => setName(event.target.value)} />
        </Field>
        <div className={page.row}>
          <Field label="Colour space">
            <input value={colorspace} maxLength={200} onChange={(event) => setColorspace(event.target.value)} />
          </Field>
          <Field label="Frames a second" wrong={hasRate ? undefined : "As 24, 23.976 or 24000/1001."}>
            <input value={rate} onChange={(event) => setRate(event.target.value)} />
          </Field>
        </div>
        <div className={page.row}>
          <Field label="Handles before the cut">
            <input inputMode="numeric" value={head} onChange={(event) => setHead(event.target.value)} />
          </Field>
          <Field label="Handles after it">
            <input inputMode="numeric" value={tail} onChange={(event) => setTail(event.target.value)} />
          </Field>
        </div>
      </div>
    </ConfirmDialog>
  );
}
