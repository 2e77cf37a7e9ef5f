import { useState } from "react";
import { newKey } from "roto-client/ids";
import { api, data } from "../api/client";
import { Problem } from "../api/problem";
import { usePlates, type Version } from "../api/shots";
import { Choice } from "../ui/Choices";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import page from "../ui/Page.module.css";
import { say } from "../ui/Toasts";
import { away } from "../ui/time";
import { movedSince, sentOf, type Taken, takenUp } from "./earlier";
import type { Draft } from "./model";
import { plural } from "../ui/words";

interface EarlierDialogProps {
  shot: string;
  view: string;
  /** Versions of the view, the newest first. */
  versions: readonly Version[];
  plateVersion: number;
  draft: Draft;
  isFixed: boolean;
  frame: number;
  first: number;
  last: number;
  onTake(draft: Draft): void;
  onClose(): void;
}

/** Begin with what an earlier version was told, instead of with nothing. */
export function EarlierDialog(props: EarlierDialogProps) {
  const { versions, frame, first, last, isFixed } = props;
  const [from, setFrom] = useState((versions.find(isAgreed) ?? versions[0])?.id ?? "");
  const [which, setWhich] = useState("all");
  const plates = usePlates(props.shot);

  async function take(): Promise<void> {
    const job = await data(api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: from } } }));
    const offset = movedSince(plates.data ?? [], props.view, job.plate_version, props.plateVersion);
    if (offset === null) throw otherSize(job.version);
    const only = which === "this" ? frame : null;
    const found = takenUp(props.draft, sentOf(job.params), { first, last, offset, isFixed, only, newKey });
    if (!found.taken) throw nothingTaken(job.version, only);
    props.onTake(found.draft);
    say(told(found, job.version));
  }

  return (
    <ConfirmDialog
      title="Take prompts from an earlier version"
      verb="Take them"
      disabled={!from || !plates.data}
      work={take}
      onClose={props.onClose}
    >
      <div className={page.form}>
        <Choice
          label="Version"
          value={from}
          options={versions.map((one) => [one.id, nameOf(one)] as const)}
          onChange={setFrom}
        />
        <Choice
          label="Prompts of"
          value={which}
          options={[
            ["all", "Every frame that has some"],
            ["this", `Frame ${frame} only`],
          ]}
          onChange={setWhich}
        />
        <p className={page.dim}>
          They take the place of what is said here on the same frames; one undo brings that back.
          {isFixed && " Objects that this version does not have are left out."}
        </p>
      </div>
    </ConfirmDialog>
  );
}

/** Whether somebody has said that it is good: that is what one begins with. */
function isAgreed({ review, published }: Version): boolean {
  return published > 0 || ["approved", "final"].includes(review?.after ?? "");
}

function nameOf(version: Version): string {
  const { review, published, state } = version;
  const parts = [
    `v${version.version}`,
    state === "succeeded" ? "" : state,
    review?.after.replaceAll("_", " ") ?? "",
    published ? "published" : "",
    `${version.created_by}, ${away(version.created_at)}`,
  ];
  return parts.filter(Boolean).join(" · ");
}

function told({ taken, left }: Taken, version: number): string {
  const others = left ? ` ${plural(left, "prompt")} of other objects or frames were left out.` : "";
  return `${plural(taken, "prompt")} of v${version} taken up.${others}`;
}

function nothingTaken(version: number, only: number | null): Problem {
  const where = only === null ? "" : ` on frame ${only}`;
  return new Problem(0, {
    code: "no_objects",
    message: `v${version} was told nothing${where} of what is here.`,
    hint: "Choose another version, or take every frame.",
  });
}

function otherSize(version: number): Problem {
  return new Problem(0, {
    code: "bad_plate",
    message: `v${version} was made of a plate of another size: its prompts would lie beside the objects.`,
    hint: "Choose a version of this plate, or prompt anew.",
  });
}
