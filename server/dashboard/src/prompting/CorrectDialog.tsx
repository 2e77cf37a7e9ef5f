import type { ReactNode } from "react";
import type { components } from "../api/schema";
import { Choice, Several } from "../ui/Choices";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { FORMATS, OUTPUTS } from "../ui/files";
import page from "../ui/Page.module.css";
import { PRIORITIES } from "./wanted";
import { plural } from "../ui/words";

/** What is asked for anew; what is left out stays as it was asked for in the corrected job. */
export type Anew = Pick<components["schemas"]["CorrectionIn"], "priority" | "outputs" | "exports">;

interface CorrectDialogProps {
  shot: string;
  version: number;
  counts: { frames: number; objects: number };
  anew: Anew;
  onAnew(anew: Anew): void;
  onSubmit(): Promise<void>;
  onClose(): void;
  /** A way out of what was refused. */
  children?: ReactNode;
}

export function CorrectDialog({ shot, version, counts, anew, onAnew, ...props }: CorrectDialogProps) {
  const as = `As v${version}`;
  const { outputs = null, exports = null } = anew;
  const isNothing = outputs?.length === 0;
  return (
    <ConfirmDialog
      title={`Correct v${version} of ${shot}?`}
      verb="Submit the correction"
      disabled={isNothing}
      work={props.onSubmit}
      onClose={props.onClose}
    >
      <div className={page.form}>
        <p>
          {plural(counts.frames, "frame")} of {plural(counts.objects, "object")} {counts.frames === 1 ? "is" : "are"} put
          right. What lies around is tracked again; all other frames, and every key a hand has set, stay as they are.
        </p>
        <Choice
          label="Priority"
          value={anew.priority ?? ""}
          options={[["", as], ...PRIORITIES]}
          onChange={(priority) => onAnew({ ...anew, priority: priority || null })}
        />
        <label className={page.check}>
          <input
            type="checkbox"
            checked={outputs === null}
            onChange={() =>
              onAnew(
                outputs === null
                  ? { ...anew, outputs: ["mattes", "shapes"], exports: ["json", "nuke"] }
                  : { priority: anew.priority },
              )
            }
          />
          Make the same files as v{version}
        </label>
        {outputs && (
          <Several
            label="What to make"
            options={OUTPUTS}
            chosen={outputs}
            wrong={isNothing ? "Choose at least one." : undefined}
            onChange={(chosen) => onAnew({ ...anew, outputs: chosen })}
          />
        )}
        {outputs?.includes("shapes") && (
          <Several
            label="Shapes for"
            options={FORMATS}
            chosen={exports ?? []}
            onChange={(chosen) => onAnew({ ...anew, exports: chosen })}
          />
        )}
        {props.children}
      </div>
    </ConfirmDialog>
  );
}
