/** A shot and what belongs to it, as every area asks for it. */

import { useQuery } from "@tanstack/react-query";
import { api, data } from "./client";
import { everything } from "./everything";
import { keys } from "./queries";
import type { AssigneeOut, NoteOut, ObjectOut, PlateVersionOut, ReviewOut, ShotOut, VersionOut } from "./schema";

export type Shot = ShotOut;
export type Plate = PlateVersionOut;
export type ShotObject = ObjectOut;
export type Version = VersionOut;
export type Note = NoteOut;
export type Review = ReviewOut;

/** The view of a shot that has one only. */
export const MAIN = "main";

/** The view that is meant when nobody says: what was made last may be another. */
export function viewOf(plates: readonly { view: string }[]): string {
  return plates.some(({ view }) => view === MAIN) ? MAIN : (plates[0]?.view ?? MAIN);
}

const ALL = { limit: 200 } as const;

export function useShot(id: string) {
  return useQuery({
    queryKey: keys.shot(id),
    queryFn: () =>
      data(api.GET("/api/v1/shots/{shot_id}", { params: { path: { shot_id: id } } })) as Promise<Shot>,
  });
}

interface Part {
  items: unknown[];
  next?: string | null;
}

/**
 * A list of the shot, old when the shot is: its key begins with the shot's. The client's types know
 * no pairs, only arrays: what the items are is said here.
 */
function useList<T>(
  id: string,
  what: string,
  ask: (query: { limit: number; cursor?: string }) => Promise<Part>,
  select?: (all: T[]) => T[],
) {
  return useQuery({
    queryKey: [...keys.shot(id), what],
    enabled: id !== "",
    queryFn: () =>
      everything((cursor) => ask(cursor ? { ...ALL, cursor } : ALL)) as Promise<T[]>,
    select,
  });
}

export const usePlates = (id: string) =>
  useList<Plate>(id, "plates", (query) =>
    data(api.GET("/api/v1/shots/{shot_id}/plates", { params: { path: { shot_id: id }, query } })),
  );

export const useObjects = (id: string) =>
  useList<ShotObject>(id, "objects", (query) =>
    data(api.GET("/api/v1/shots/{shot_id}/objects", { params: { path: { shot_id: id }, query } })),
  );

export const useAllVersions = (id: string, select?: (all: Version[]) => Version[]) =>
  useList<Version>(
    id,
    "versions",
    (query) => data(api.GET("/api/v1/shots/{shot_id}/versions", { params: { path: { shot_id: id }, query } })),
    select,
  );

/** Those that were tracked, not exports of them. */
export const useVersions = (id: string) => useAllVersions(id, tracked);

function tracked(all: Version[]): Version[] {
  return all.filter(({ kind }) => kind === "roto");
}

export const useNotes = (id: string) =>
  useList<Note>(id, "notes", (query) =>
    data(api.GET("/api/v1/shots/{shot_id}/notes", { params: { path: { shot_id: id }, query } })),
  );

export const useReviews = (id: string) =>
  useList<Review>(id, "reviews", (query) =>
    data(api.GET("/api/v1/shots/{shot_id}/reviews", { params: { path: { shot_id: id }, query } })),
  );

export const useAssignees = (id: string) =>
  useList<AssigneeOut>(id, "assignees", (query) =>
    data(api.GET("/api/v1/shots/{shot_id}/assignees", { params: { path: { shot_id: id }, query } })),
  );
