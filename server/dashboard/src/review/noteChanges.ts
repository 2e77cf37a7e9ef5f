/** What changes the notes of a shot; after each they are asked for anew. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { NoteIn } from "../api/schema";
import { sayRefused } from "../ui/Toasts";

/** Characters of a note, as the server takes them. */
export const MOST_WORDS = 10_000;

export function addNote(shotId: string, body: NoteIn) {
  return data(api.POST("/api/v1/shots/{shot_id}/notes", { params: { path: { shot_id: shotId } }, body }));
}

function useChange<V>(shotId: string, work: (value: V) => Promise<unknown>, onDone?: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSuccess: onDone,
    onError: sayRefused,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.shot(shotId) }),
  });
}

export const useAddNote = (shotId: string, onDone: () => void) =>
  useChange(shotId, (body: NoteIn) => addNote(shotId, body), onDone);

const path = (id: string) => ({ path: { note_id: id } });

export const useChangeNote = (shotId: string, onDone?: () => void) =>
  useChange(
    shotId,
    ({ id, ...body }: { id: string; text?: string; resolved?: boolean }) =>
      data(api.PATCH("/api/v1/notes/{note_id}", { params: path(id), body })),
    onDone,
  );

export const useDeleteNote = (shotId: string) =>
  useChange(shotId, (id: string) => data(api.DELETE("/api/v1/notes/{note_id}", { params: path(id) })));
