/** What becomes of a plate that has arrived: a shot, or a version of one's plate. Once, whatever was lost. */

import { parsePlate } from "roto-client/plates";
import { api, data } from "../api/client";
import { everything } from "../api/everything";
import { Problem } from "../api/problem";
import type { PlateVersionOut, ShotOut, UploadListed } from "../api/schema";
import { MAIN } from "../api/shots";
import type { Kept } from "./keeping";

const LIMIT = 200;

type Remember = (say: (kept: Kept) => Kept) => void;

/**
 * The id of the shot it is then. The server knows no key of such a request: `asked` is kept from
 * before it until it is answered, and whoever asks again looks first whether it was made.
 */
export async function make(kept: Kept, name: string, uploadId: string, remember: Remember): Promise<string> {
  const lost = kept.asked;
  const there = lost && (await madeBefore(kept, lost, uploadId));
  if (there) return there;
  remember((now) => ({ ...now, asked: name }));
  try {
    return await ask(kept, name, uploadId);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    // What was lost may have been made while this was asked.
    const late = lost && (await madeBefore(kept, lost, uploadId));
    if (late) return late;
    remember(({ asked: _, ...now }) => now);
    throw error;
  }
}

async function ask({ projectId, target }: Kept, name: string, uploadId: string): Promise<string> {
  const plate = { upload_id: uploadId };
  if (!target) {
    const params = { path: { project_id: projectId } };
    const shot = await data(api.POST("/api/v1/projects/{project_id}/shots", { params, body: { name, plate } }));
    return shot.id;
  }
  const { shotId, view, frameOffset } = target;
  const params = { path: { shot_id: shotId } };
  await data(api.POST("/api/v1/shots/{shot_id}/plates", { params, body: { plate, view, frame_offset: frameOffset } }));
  return shotId;
}

/** Nothing was made then; an error of the server's own, or a lost line, does not say so. */
function isRefusal(error: unknown): boolean {
  return error instanceof Problem && error.status >= 400 && error.status < 500;
}

/** The shot with a plate of the same person, made of the same files since the upload was begun. */
async function madeBefore({ projectId, target, userId, files }: Kept, name: string, uploadId: string): Promise<string | null> {
  const uploads = (await everything((cursor) =>
    data(api.GET("/api/v1/uploads", { params: { query: { limit: LIMIT, cursor } } })),
  )) as UploadListed[];
  const begun = uploads.find(({ id }) => id === uploadId)?.created_at;
  const shotId = target?.shotId ?? (await called(projectId, name));
  if (!begun || !shotId) return null;
  const plates = (await everything((cursor) =>
    data(
      api.GET("/api/v1/shots/{shot_id}/plates", {
        params: { path: { shot_id: shotId }, query: { view: target?.view ?? MAIN, limit: LIMIT, cursor } },
      }),
    ),
  )) as PlateVersionOut[];
  const isIt = ({ version, created_by_id, created_at, plate }: PlateVersionOut) =>
    version > (target?.after ?? 0) &&
    created_by_id === userId &&
    Date.parse(created_at) >= Date.parse(begun) &&
    titleOf(plate.path) === titleOf(files[0]?.name ?? "");
  return plates.some(isIt) ? shotId : null;
}

async function called(projectId: string, name: string): Promise<string | undefined> {
  const params = { path: { project_id: projectId }, query: { name, archived: "all" } as const };
  const found = (await data(api.GET("/api/v1/projects/{project_id}/shots", { params }))).items as ShotOut[];
  return found[0]?.id;
}

/** What all files of a plate are called alike. */
function titleOf(path: string): string {
  const { prefix, suffix } = parsePlate(path);
  return `${prefix}\n${suffix}`;
}
