import { useState } from "react";
import { Link } from "react-router";
import { type Note, useNotes } from "../api/shots";
import { MOST_WORDS, useAddNote, useChangeNote } from "../review/noteChanges";
import { threadsOf } from "../review/notes";
import { useAddress } from "../review/useAddress";
import { Button } from "../ui/Button";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { away, exact } from "../ui/time";
import styles from "./Shot.module.css";

/** What people say of the shot, newest first, with answers below; the open ones unless all are asked for. */
export function NoteList({ shotId, writes }: { shotId: string; writes: boolean }) {
  const notes = useNotes(shotId);
  const [text, setText] = useState("");
  const add = useAddNote(shotId, () => setText(""));
  const resolve = useChangeNote(shotId);
  const { search, set } = useAddress();
  const all = search.has("resolved");
  const threads = threadsOf(notes.data ?? []).sort((one, other) => other.number - one.number);
  const open = threads.filter(({ head }) => !head.resolved_at);
  const shown = all ? threads : open;
  return (
    <section className={page.section} aria-label="Notes">
      <header>
        <h2>Notes</h2>
        {threads.length > open.length && (
          <label className={page.check}>
            <input type="checkbox" checked={all} onChange={() => set({ resolved: all ? null : "1" })} />
            {threads.length - open.length} resolved
          </label>
        )}
      </header>
      {notes.error && <ProblemBox problem={notes.error} />}
      {shown.length === 0 && <p className={page.dim}>None that are open.</p>}
      <ul className={styles.notes}>
        {shown.map(({ head, answers }) => (
          <li key={head.id}>
            <NoteWords note={head} shotId={shotId} />
            {answers.map((answer) => (
              <div key={answer.id} className={styles.answer}>
                <NoteWords note={answer} shotId={shotId} />
              </div>
            ))}
            {writes && (
              <Button
                small
                disabled={resolve.isPending}
                onClick={() => resolve.mutate({ id: head.id, resolved: !head.resolved_at })}
              >
                {head.resolved_at ? "Open again" : "Resolve"}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {writes && (
        <form
          className={styles.writing}
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate({ text: text.trim() });
          }}
        >
          <textarea
            aria-label="A note on the whole shot"
            placeholder="A note on the whole shot; on a frame in the player"
            rows={2}
            value={text}
            maxLength={MOST_WORDS}
            onChange={(event) => setText(event.target.value)}
          />
          <Button type="submit" disabled={!text.trim() || add.isPending}>
            Add
          </Button>
        </form>
      )}
    </section>
  );
}

function NoteWords({ note, shotId }: { note: Note; shotId: string }) {
  return (
    <>
      <small className={page.dim}>
        {note.created_by}, <span title={exact(note.created_at)}>{away(note.created_at)}</span>
        {note.frame !== null && (
          <>
            {" "}
            on <Link to={`/shots/${shotId}/review?frame=${note.frame}`}>frame {note.frame}</Link>
          </>
        )}
      </small>
      <p>{note.text}</p>
    </>
  );
}
