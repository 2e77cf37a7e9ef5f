import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { Note } from "../api/shots";
import { useShortcuts } from "../app/shortcuts";
import { Button } from "../ui/Button";
import { sayRefused } from "../ui/Toasts";
import { away, exact } from "../ui/time";
import type { Thread } from "./notes";
import styles from "./NotesPanel.module.css";

export interface Place {
  x: number;
  y: number;
}

interface NotesPanelProps {
  shotId: string;
  jobId: string | null;
  at: number;
  threads: readonly Thread[];
  picked: string | null;
  mayWrite: boolean;
  /** Where the note that is being written stands; `placing` while the place is being chosen. */
  place: Place | null;
  placing: boolean;
  onPlacing(placing: boolean): void;
  onPlaced(place: Place | null): void;
  onPick(thread: Thread): void;
}

/** What people say of the shot: threads at their frames, and a new one at this frame. */
export function NotesPanel(props: NotesPanelProps) {
  const { threads, picked, mayWrite, onPick } = props;
  const [resolved, setResolved] = useState(false);
  const shown = threads.filter(({ head }) => resolved || !head.resolved_at);
  const done = threads.filter(({ head }) => head.resolved_at).length;
  return (
    <section className={styles.notes} aria-label="Notes">
      <header>
        <h2>Notes</h2>
        {done > 0 && (
          <label className={styles.resolved}>
            <input type="checkbox" checked={resolved} onChange={() => setResolved(!resolved)} />
            {done} resolved
          </label>
        )}
      </header>
      {mayWrite && <NewNote {...props} />}
      {shown.length === 0 && (
        <p className={styles.dim}>
          {mayWrite ? "None yet. Write what you see; a click on the picture says where." : "None yet."}
        </p>
      )}
      <ol className={styles.threads}>
        {shown.map((thread) => (
          <ThreadItem
            key={thread.head.id}
            thread={thread}
            isPicked={thread.head.id === picked}
            shotId={props.shotId}
            mayWrite={mayWrite}
            onPick={() => onPick(thread)}
          />
        ))}
      </ol>
    </section>
  );
}

function NewNote({ shotId, jobId, at, place, placing, onPlacing, onPlaced }: NotesPanelProps) {
  const [text, setText] = useState("");
  const [pinned, setPinned] = useState(true);
  const note = useNote(shotId, () => {
    setText("");
    onPlaced(null);
  });
  useShortcuts("Notes", {
    w: { label: "Write a note", run: () => document.getElementById("new-note")?.focus() },
    p: { label: "Choose its place on the picture", run: () => onPlacing(!placing) },
  });

  function send(): void {
    if (!text.trim() || note.isPending) return;
    const pins = pinned ? { frame: at, ...(place ?? {}) } : {};
    note.mutate({ text: text.trim(), job_id: jobId, ...pins });
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
        id="new-note"
        aria-label="A new note"
        placeholder="What do you see?"
        rows={2}
        maxLength={10_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <div className={styles.row}>
        <label className={styles.pin}>
          <input type="checkbox" checked={pinned} onChange={() => setPinned(!pinned)} />
          Frame {at}
        </label>
        <Button small disabled={!pinned} aria-pressed={placing} onClick={() => onPlacing(!placing)}>
          {placing ? "Click on the picture" : place ? "Other place" : "Place"}
        </Button>
        <Button small look="main" type="submit" disabled={!text.trim() || note.isPending}>
          Add note
        </Button>
      </div>
    </form>
  );
}

interface ThreadItemProps {
  thread: Thread;
  isPicked: boolean;
  shotId: string;
  mayWrite: boolean;
  onPick(): void;
}

function ThreadItem({ thread, isPicked, shotId, mayWrite, onPick }: ThreadItemProps) {
  const { head, answers, number } = thread;
  const [answering, setAnswering] = useState(false);
  const [text, setText] = useState("");
  const answer = useNote(shotId, () => {
    setText("");
    setAnswering(false);
  });
  const resolve = useResolve(shotId);
  return (
    <li className={isPicked ? styles.picked : undefined}>
      <div className={styles.head}>
        <Button small look="bare" onClick={onPick} title="Show it">
          {number} · {head.frame === null ? "the shot" : `frame ${head.frame}`}
        </Button>
        {head.resolved_at && <span className={styles.dim}>✓ resolved</span>}
      </div>
      <Words note={head} />
      {answers.map((one) => (
        <div key={one.id} className={styles.answer}>
          <Words note={one} />
        </div>
      ))}
      {mayWrite && (
        <div className={styles.row}>
          <Button small look="bare" aria-expanded={answering} onClick={() => setAnswering(!answering)}>
            Answer
          </Button>
          <Button
            small
            look="bare"
            disabled={resolve.isPending}
            onClick={() => resolve.mutate({ id: head.id, resolved: !head.resolved_at })}
          >
            {head.resolved_at ? "Open again" : "Resolve"}
          </Button>
        </div>
      )}
      {answering && (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (text.trim()) answer.mutate({ text: text.trim(), reply_to: head.id });
          }}
        >
          <textarea
            aria-label={`Answer to note ${number}`}
            rows={2}
            maxLength={10_000}
            autoFocus
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
          <Button small type="submit" disabled={!text.trim() || answer.isPending}>
            Send
          </Button>
        </form>
      )}
    </li>
  );
}

function Words({ note }: { note: Note }) {
  return (
    <>
      <p className={styles.text}>{note.text}</p>
      <small className={styles.dim} title={exact(note.created_at)}>
        {note.created_by}, {away(note.created_at)}
      </small>
    </>
  );
}

interface NewNoteBody {
  text: string;
  frame?: number;
  x?: number;
  y?: number;
  job_id?: string | null;
  reply_to?: string;
}

function useNote(shotId: string, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewNoteBody) =>
      data(api.POST("/api/v1/shots/{shot_id}/notes", { params: { path: { shot_id: shotId } }, body })),
    onSuccess: onDone,
    onError: sayRefused,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.shot(shotId) }),
  });
}

function useResolve(shotId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, resolved }: { id: string; resolved: boolean }) =>
      data(api.PATCH("/api/v1/notes/{note_id}", { params: { path: { note_id: id } }, body: { resolved } })),
    onError: sayRefused,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.shot(shotId) }),
  });
}
