import { expect, it } from "vitest";
import type { Note } from "../../src/api/shots";
import { framesOf, pinnedOn, threadsOf } from "../../src/review/notes";

function note(id: string, minute: number, more: Partial<Note> = {}): Note {
  const at = `2026-11-30T10:${String(minute).padStart(2, "0")}:00Z`;
  return {
    id, shot_id: "s", text: id, frame: null, x: null, y: null, object_id: null, job_id: null,
    reply_to: null, resolved_at: null, resolved_by: null, created_by: "Ann", created_by_id: "a",
    created_at: at, updated_at: at, ...more,
  };
}

const NOTES = [
  note("answer", 9, { reply_to: "late" }),
  note("late", 5, { frame: 1003, x: 4, y: 5 }),
  note("first answer", 6, { reply_to: "late" }),
  note("done", 4, { frame: 1003, x: 1, y: 1, resolved_at: "2026-11-30T11:00:00Z" }),
  note("early", 1, { frame: 1008 }),
  note("whole", 7),
];

it("threads stand by frame, numbered by age, answers oldest first", () => {
  const threads = threadsOf(NOTES);
  expect(threads.map(({ head }) => head.id)).toEqual(["whole", "done", "late", "early"]);
  expect(threads.map(({ number }) => number)).toEqual([4, 2, 3, 1]);
  expect(threads[2]?.answers.map(({ id }) => id)).toEqual(["first answer", "answer"]);
});

it("what is open and has a place is drawn on its frame; what is open is marked", () => {
  const threads = threadsOf(NOTES);
  expect(pinnedOn(threads, 1003).map(({ head }) => head.id)).toEqual(["late"]);
  expect(pinnedOn(threads, 1008)).toEqual([]);
  expect(framesOf(threads)).toEqual([1003, 1008]);
});
