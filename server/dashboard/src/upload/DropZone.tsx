import { type DragEvent, useRef, useState } from "react";
import { Button } from "../ui/Button";
import { sayRefused } from "../ui/Toasts";
import { chosenFiles, droppedFiles } from "./entries";
import type { Dropped } from "./plates";
import styles from "./Upload.module.css";

/** Where plates are dropped, whole folders too; or chosen, for who drags nothing. */
export function DropZone({ onFiles }: { onFiles(files: Dropped[]): void }) {
  const [over, setOver] = useState(false);
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);

  function drop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    droppedFiles(event.dataTransfer).then(onFiles, sayRefused);
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
      <strong>Drop movies, sequences or whole folders here</strong>
      <p>MP4, MOV, MXF, MKV, AVI, WebM; numbered EXR, DPX, PNG, TIFF, JPEG. Nothing is sent before you say so.</p>
      <div>
        <Button onClick={() => files.current?.click()}>Choose files…</Button>{" "}
        <Button onClick={() => folder.current?.click()}>Choose a folder…</Button>
      </div>
      <input
        ref={files}
        className={styles.hidden}
        type="file"
        multiple
        tabIndex={-1}
        aria-label="Files"
        onChange={(event) => take(event.target)}
      />
      <input
        ref={folder}
        className={styles.hidden}
        type="file"
        webkitdirectory=""
        tabIndex={-1}
        aria-label="Folder"
        onChange={(event) => take(event.target)}
      />
    </div>
  );

  function take(input: HTMLInputElement): void {
    onFiles(chosenFiles(input.files ?? new DataTransfer().files));
    // The same may be chosen again.
    input.value = "";
  }
}
