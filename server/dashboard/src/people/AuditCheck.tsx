import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../api/client";
import { Button } from "../ui/Button";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";

interface Checked {
  entries: number;
  broken: number[];
  /** `SEQ:HASH` of the last entry: kept elsewhere it shows later whether the end was cut off. */
  end: string;
}

/** Compares every entry with its hash, stretch by stretch. */
export function AuditCheck() {
  const [done, setDone] = useState(0);
  const check = useMutation({ mutationFn: () => checkAll(setDone) });
  return (
    <div className={page.bar}>
      <Button disabled={check.isPending} onClick={() => check.mutate()}>
        Verify the log
      </Button>
      <span role="status">
        {check.isPending && `${done} entries compared…`}
        {check.data && <Told checked={check.data} />}
      </span>
      {check.error && <ProblemBox problem={check.error} />}
    </div>
  );
}

function Told({ checked: { entries, broken, end } }: { checked: Checked }) {
  if (broken.length > 0) {
    return (
      <strong className={page.bad}>
        ✕ Changed, or one before taken out: {broken.slice(0, 20).join(", ")}
        {broken.length > 20 && ` and ${broken.length - 20} more`}.
      </strong>
    );
  }
  return (
    <>
      ✓ {entries} entries are as they were written, up to <code className={page.path}>{end}</code>. Keep that elsewhere:{" "}
      <code>roto admin audit verify --known</code> shows by it whether the end is cut off later.
    </>
  );
}

async function checkAll(onDone: (entries: number) => void): Promise<Checked> {
  const all: Checked = { entries: 0, broken: [], end: "" };
  let after: number | null = 0;
  while (after !== null) {
    const part: Part = await data(api.GET("/api/v1/audit/verify", { params: { query: { after } } }));
    all.entries += part.entries;
    all.broken.push(...part.broken);
    all.end = `${part.seq}:${part.hash}`;
    after = part.next;
    onDone(all.entries);
  }
  return all;
}

interface Part {
  entries: number;
  broken: number[];
  seq: number;
  hash: string;
  next: number | null;
}
