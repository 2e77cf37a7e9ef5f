import { useEffect, useState } from "react";
import { useShortcuts } from "../app/shortcuts";
import { Button } from "../ui/Button";
import { MOST_WORDS, useAddNote } from "./noteChanges";
import { bodyOf, keepDraft, useNoteDrafts } from "./noteDrafts";
import type { NotesPanelProps, Place } from "./NotesPanel";
import styles from "./NotesPanel.module.css";

const FIELD = "new-note";

type NewNoteProps = Pick<
  NotesPanelProps,
  "shotId" | "jobId" | "at" | "place" | "placing" | "onPlacing" | "onPlaced" | "onGo"
>;

/** A note that is being written on this frame; what was begun is there again when one comes back. */
export function NewNote({ shotId, jobId, at, place, placing, onPlacing, onPlaced, onGo }: NewNoteProps) {
  const draft = useNoteDrafts(({ drafts }) => drafts[shotId]);
  const text = draft?.text ?? "";
  const [pinned, setPinned] = useState(draft?.frame !== null);
  const note = useAddNote(shotId, () => {
    keepDraft(shotId, null);
    onPlaced(null);
  });
  useShortcuts("Notes", {
    w: { label: "Write a note", run: writeNote },
    p: { label: "Choose its place on the picture", run: () => onPlacing(!placing) },
  });
  // What is written is about the frame that was looked at, until another place is chosen for it.
  const stays = text !== "" && draft?.frame != null && draft.frame !== at && !place;
  const elsewhere = stays ? draft.frame : null;
  useEffect(() => {
    if (place && text) keepDraft(shotId, { text, frame: at, place, jobId });
  }, [place]);
  const frame = pinned ? (elsewhere ?? at) : null;
  const where: Place | null = elsewhere === null ? (place ?? draft?.place ?? null) : (draft?.place ?? null);

  function keep(words: string): void {
    keepDraft(shotId, { text: words, frame, place: where, jobId: elsewhere === null ? jobId : (draft?.jobId ?? null) });
  }

  function send(): void {
    if (!text.trim() || note.isPending) return;
    note.mutate(bodyOf({ text, frame, place: where, jobId: elsewhere === null ? jobId : (draft?.jobId ?? null) }));
  }

  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <textarea
        id={FIELD}
        aria-label="A new note"
        placeholder="What do you see?"
        rows={2}
        maxLength={MOST_WORDS}
        value={text}
        onChange={(event) => keep(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      {elsewhere !== null && (
        <div className={styles.row}>
          <span className={styles.dim}>Begun on frame {elsewhere}.</span>
          <Button small look="bare" onClick={() => onGo(elsewhere)}>
            Go there
          </Button>
          <Button
            small
            look="bare"
            onClick={() => keepDraft(shotId, { text, frame: at, place: null, jobId })}
          >
            Move it here
          </Button>
        </div>
      )}
      <div className={styles.row}>
        <label className={styles.pin}>
          <input
            type="checkbox"
            checked={pinned}
            onChange={() => {
              setPinned(!pinned);
              if (text) keepDraft(shotId, { text, frame: pinned ? null : at, place: null, jobId });
            }}
          />
          Frame {elsewhere ?? at}
        </label>
        <Button small disabled={!pinned} aria-pressed={placing} onClick={() => onPlacing(!placing)}>
          {placing ? "Click on the picture" : where ? "Other place" : "Place"}
        </Button>
        <Button small look="main" type="submit" disabled={!text.trim() || note.isPending}>
          Add note
        </Button>
      </div>
    </form>
  );
}

/** To the field, to write on. */
export function writeNote(): void {
  document.getElementById(FIELD)?.focus();
}
