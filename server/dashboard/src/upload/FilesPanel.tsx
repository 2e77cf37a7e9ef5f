import type { Project } from "../api/projects";
import { DropZone } from "./DropZone";
import { type Dropped, NOTHING, type Sorted, withMore } from "./plates";
import { enqueue } from "./queue";
import { StagedPlates, whyNotSend } from "./StagedPlates";

const TAKES =
  "MP4, MOV, MXF, MKV, AVI, WebM; numbered EXR, DPX, PNG, TIFF, JPEG; an edit list with them. Nothing is sent before you say so.";

interface FilesProps {
  project: Project | undefined;
  userId: string;
  staged: Sorted;
  /** What was dropped is read for a while: what is staged by then is changed, not what was. */
  onStage(change: (before: Sorted) => Sorted): void;
  onList(list: Dropped): void;
}

/** Plates of this machine, looked at before they are sent. */
export function FilesPanel({ project, userId, staged, onStage, onList }: FilesProps) {
  const { plates, others, lists } = staged;
  const whyNot = !project ? "Choose the project first." : whyNotSend(plates);
  return (
    <>
      <DropZone takes={TAKES} onFiles={(files) => onStage((before) => withMore(before, files))} />
      {plates.length + others.length + lists.length > 0 && (
        <StagedPlates
          sorted={staged}
          whyNot={whyNot}
          onChange={(changed) => onStage((before) => ({ ...before, plates: changed }))}
          onClear={() => onStage(() => NOTHING)}
          onList={onList}
          onSend={() => {
            if (project) enqueue(userId, project.id, plates.map((plate) => ({ ...plate, name: plate.name.trim() })));
            // The list waits for its plates.
            onStage((before) => ({ ...NOTHING, lists: before.lists }));
          }}
        />
      )}
    </>
  );
}
