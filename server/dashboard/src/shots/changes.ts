/** What changes a shot and what belongs to it. After each the shot is asked for anew. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { keys } from "../api/queries";
import type { ObjectChange, PlateVersionIn, RerunIn, ShotChange } from "../api/schema";
import { useKeyFor } from "../api/sentOnce";
import type { Shot } from "../api/shots";

/** A change to the shot or its parts: what `work` refuses is thrown to who asked. */
function useChange<V, T>(shotId: string, work: (value: V) => Promise<T>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: keys.shot(shotId) }),
        queries.invalidateQueries({ queryKey: keys.shots }),
      ]),
  });
}

const shotPath = (id: string) => ({ path: { shot_id: id } });

export const useChangeShot = (id: string) =>
  useChange(id, (body: ShotChange) =>
    data(api.PATCH("/api/v1/shots/{shot_id}", { params: shotPath(id), body })),
  );

export const useDeleteShot = (id: string) =>
  useChange(id, () => data(api.DELETE("/api/v1/shots/{shot_id}", { params: shotPath(id) })));

export const useMoveShot = (id: string) =>
  useChange(id, (project: string) =>
    data(api.POST("/api/v1/shots/{shot_id}/move", { params: shotPath(id), body: { project_id: project } })),
  );

export const useAddPlate = (id: string) =>
  useChange(id, (body: PlateVersionIn) =>
    data(api.POST("/api/v1/shots/{shot_id}/plates", { params: shotPath(id), body })),
  );

export function useRerun(id: string) {
  const keyFor = useKeyFor();
  return useChange(id, (body: RerunIn) =>
    data(
      api.POST("/api/v1/shots/{shot_id}/rerun", {
        params: { ...shotPath(id), header: { "idempotency-key": keyFor(body) } },
        body,
      }),
    ),
  );
}

export const useAddObject = (id: string) =>
  useChange(id, (name: string) =>
    data(api.POST("/api/v1/shots/{shot_id}/objects", { params: shotPath(id), body: { name, label: "" } })),
  );

export const useChangeObject = (id: string) =>
  useChange(id, ({ object, change }: { object: string; change: ObjectChange }) =>
    data(api.PATCH("/api/v1/objects/{object_id}", { params: { path: { object_id: object } }, body: change })),
  );

export const useDeleteObject = (id: string) =>
  useChange(id, (object: string) =>
    data(api.DELETE("/api/v1/objects/{object_id}", { params: { path: { object_id: object } } })),
  );

export const useOrderObjects = (id: string) =>
  useChange(id, (order: string[]) =>
    data(
      api.PUT("/api/v1/shots/{shot_id}/objects/order", {
        params: shotPath(id),
        body: { object_ids: order },
      }),
    ),
  );

/** Frames of the plate, both ends counted; null before it has been read. */
export function framesOf(shot: Shot): number | null {
  return shot.frame_range && shot.frame_range[1] - shot.frame_range[0] + 1;
}
