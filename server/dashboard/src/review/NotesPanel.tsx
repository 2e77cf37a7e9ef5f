import { useState } from "react";
import { Button } from "../ui/Button";
import { NewNote } from "./NewNote";
import { MOST_WORDS, useAddNote, useChangeNote } from "./noteChanges";
import type { Thread } from "./notes";
import { NoteWords } from "./NoteWords";
import styles from "./NotesPanel.module.css";
import { useAddress } from "./useAddress";

export interface Place {
  x: number;
  y: number;
}

export interface NotesPanelProps {
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
  onGo(frame: number): void;
  onPick(thread: Thread): void;
}

/** What people say of the shot: threads at their frames, and a new one at this frame. */
export function NotesPanel(props: NotesPanelProps) {
  const { threads, picked, mayWrite, onPick } = props;
  const { search, set } = useAddress();
  const resolved = search.has("resolved");
  const shown = threads.filter(({ head }) => resolved || !head.resolved_at);
  const done = threads.filter(({ head }) => head.resolved_at).length;
  return (
    <section className={styles.notes} aria-label="Notes">
      <header>
        <h2>Notes</h2>
        {done > 0 && (
          <label className={styles.resolved}>
            <input type="checkbox" checked={resolved} onChange={() => set({ resolved: resolved ? null : "1" })} />
            {done} resolved
          </label>
        )}
      </header>
      {mayWrite && <NewNote {...props} />}
      {shown.length === 0 && (
        <p className={styles.dim}>
          {mayWrite ? "None yet. Write what you see; with Place (p) a click on the picture says where." : "None yet."}
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
  const answer = useAddNote(shotId, () => {
    setText("");
    setAnswering(false);
  });
  const resolve = useChangeNote(shotId);
  return (
    <li className={isPicked ? styles.picked : undefined}>
      <div className={styles.head}>
        <Button small look="bare" onClick={onPick} title="Show it">
          {number} · {head.frame === null ? "the shot" : `frame ${head.frame}`}
        </Button>
        {head.resolved_at && <span className={styles.dim}>✓ resolved</span>}
      </div>
      <NoteWords note={head} shotId={shotId} mayWrite={mayWrite} isAnswered={answers.length > 0} />
      {answers.map((one) => (
        <div key={one.id} className={styles.answer}>
          <NoteWords note={one} shotId={shotId} mayWrite={mayWrite} isAnswered={false} />
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
            maxLength={MOST_WORDS}
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
