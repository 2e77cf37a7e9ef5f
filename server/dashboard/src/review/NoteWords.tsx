import { useState } from "react";
import type { Note } from "../api/shots";
import { useMe } from "../session/session";
import { Button } from "../ui/Button";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { away, exact } from "../ui/time";
import { MOST_WORDS, useChangeNote, useDeleteNote } from "./noteChanges";
import styles from "./NotesPanel.module.css";

interface NoteWordsProps {
  note: Note;
  shotId: string;
  mayWrite: boolean;
  /** The server keeps what others have answered. */
  isAnswered: boolean;
}

/** What somebody said; whoever said it may say it otherwise, or take it back. */
export function NoteWords({ note, shotId, mayWrite, isAnswered }: NoteWordsProps) {
  const me = useMe().data;
  const [text, setText] = useState<string | null>(null);
  const [deleting, setDeleting] = useState(false);
  const change = useChangeNote(shotId, () => setText(null));
  const remove = useDeleteNote(shotId);
  const isMine = mayWrite && me?.id === note.created_by_id;
  if (text !== null) {
    return (
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim()) change.mutate({ id: note.id, text: text.trim() });
        }}
      >
        <textarea
          aria-label="The note's words"
          rows={3}
          maxLength={MOST_WORDS}
          autoFocus
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <div className={styles.row}>
          <Button small type="submit" look="main" disabled={!text.trim() || change.isPending}>
            Save
          </Button>
          <Button small onClick={() => setText(null)}>
            Leave it
          </Button>
        </div>
      </form>
    );
  }
  return (
    <>
      <p className={styles.text}>{note.text}</p>
      <div className={styles.row}>
        <small className={styles.dim} title={exact(note.created_at)}>
          {note.created_by}, {away(note.created_at)}
        </small>
        {isMine && (
          <Button small look="bare" onClick={() => setText(note.text)}>
            Edit
          </Button>
        )}
        {isMine && !isAnswered && (
          <Button small look="bare" onClick={() => setDeleting(true)}>
            Delete
          </Button>
        )}
      </div>
      {deleting && (
        <ConfirmDialog
          title="Delete this note?"
          verb="Delete"
          dangerous
          work={() => remove.mutateAsync(note.id)}
          onClose={() => setDeleting(false)}
        >
          <p className={styles.text}>{note.text}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
