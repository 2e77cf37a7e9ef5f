import { type DragEvent, useRef, useState } from "react";
import { Problem } from "../api/problem";
import { Button } from "../ui/Button";
import { sayRefused } from "../ui/Toasts";
import { chosenFiles, droppedFiles, handledFiles } from "./entries";
import { withListsTold } from "./lists";
import type { Dropped } from "./plates";
import styles from "./Upload.module.css";

/** Where plates are dropped, whole folders too; or chosen, for who drags nothing. */
export function DropZone({ takes, onFiles }: { takes: string; onFiles(files: Dropped[]): void }) {
  const [over, setOver] = useState(false);
  const [reading, setReading] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  function drop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    void take(droppedFiles(event.dataTransfer));
  }

  async function take(coming: Promise<Dropped[]>): Promise<void> {
    setReading(true);
    try {
      onFiles(await withListsTold(await coming));
    } catch (error) {
      // A chooser that was closed says so.
      if (!(error instanceof DOMException && error.name === "AbortError")) sayRefused(unread(error));
    } finally {
      setReading(false);
    }
  }

  // What Chromium's own choosers give may be read again after a reload; others have none.
  function chooseFiles(): void {
    if (window.showOpenFilePicker) void take(window.showOpenFilePicker({ multiple: true }).then(handledFiles));
    else files.current?.click();
  }

  function chooseFolder(): void {
    const picker = window.showDirectoryPicker;
    if (picker) void take(picker.call(window, { mode: "read" }).then((one) => handledFiles([one])));
    else folder.current?.click();
  }

  return (
    <div
      className={over ? `${styles.zone} ${styles.over}` : styles.zone}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <strong>{reading ? "Looking through what came…" : "Drop movies, sequences or whole folders here"}</strong>
      <p>{takes}</p>
      <div>
        <Button onClick={chooseFiles}>Choose files…</Button> <Button onClick={chooseFolder}>Choose a folder…</Button>
      </div>
      <input
        ref={files}
        className={styles.hidden}
        type="file"
        multiple
        tabIndex={-1}
        aria-label="Files"
        onChange={(event) => takeInput(event.target)}
      />
      <input
        ref={folder}
        className={styles.hidden}
        type="file"
        webkitdirectory=""
        tabIndex={-1}
        aria-label="Folder"
        onChange={(event) => takeInput(event.target)}
      />
    </div>
  );

  function takeInput(input: HTMLInputElement): void {
    void take(Promise.resolve(chosenFiles(input.files ?? [])));
    // The same may be chosen again.
    input.value = "";
  }
}

/** What a disk refuses, said as what it is. */
function unread(error: unknown): unknown {
  if (!(error instanceof DOMException)) return error;
  return new Problem(0, {
    code: "unreadable",
    message: `The browser could not read all of it: ${error.message}`,
    hint: "Is it still there, and may you read it? Drop it again, or choose the files.",
  });
}
