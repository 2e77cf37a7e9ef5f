/** The same done to many jobs: to which it can be, and what became of it. */

import { api, data } from "../api/client";
import type { components } from "../api/schema";
import { may } from "../session/session";
import type { JobRow, Priority } from "./filters";

export type Action = components["schemas"]["JobsBulkIn"]["action"];
export type Refused = components["schemas"]["JobRefused"];

/** Jobs of one request, as the server takes them. */
const MOST = 500;

type Candidate = Pick<JobRow, "id" | "state" | "kind"> & { may?: string[] | null };

const CAN: Record<Action, (row: Candidate) => boolean> = {
  cancel: ({ state }) => ["queued", "running"].includes(state),
  retry: ({ state }) => ["failed", "cancelled"].includes(state),
  priority: ({ state }) => state !== "succeeded",
  delete: ({ kind }) => ["roto", "export"].includes(kind),
};

/** Whether the action makes sense for the job, and whether who asks may. */
export function can(action: Action, row: Candidate): boolean {
  return may(row, action === "cancel" ? "cancel" : "edit_shot") && CAN[action](row);
}

export async function run(
  action: Action,
  ids: readonly string[],
  priority?: Priority,
): Promise<{ done: number; refused: Refused[] }> {
  let done = 0;
  const refused: Refused[] = [];
  for (let begin = 0; begin < ids.length; begin += MOST) {
    const body = { action, job_ids: ids.slice(begin, begin + MOST), ...(priority ? { priority } : {}) };
    const answer = await data(api.POST("/api/v1/jobs/bulk", { body }));
    done += answer.done.length;
    refused.push(...answer.refused);
  }
  return { done, refused };
}

/** "1 job", "3 jobs". */
export function jobs(number: number): string {
  return `${number.toLocaleString("en")} ${number === 1 ? "job" : "jobs"}`;
}
