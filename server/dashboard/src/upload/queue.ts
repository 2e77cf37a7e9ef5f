/**
 * Plates on their way to the server, one after the other, the pieces of one several at a time. Lives
 * as long as the browser's page: one may look at others meanwhile.
 */

import { RotoError } from "roto-client/errors";
import { storageNotes } from "roto-client/notes";
import { type LocalFile, Uploader } from "roto-client/upload";
import { create } from "zustand";
import { api, data } from "../api/client";
import { Problem, problemOf } from "../api/problem";
import { browserFiles } from "./browserFiles";
import { Hasher } from "./hashing";
import type { FoundPlate } from "./plates";
import { Speed } from "./speed";
import { pageTransport } from "./transport";

/** `checking`: all bytes are there, the server reads them once more; `making`: the shot. */
export type Stage = "waiting" | "hashing" | "uploading" | "checking" | "making" | "done" | "paused" | "failed";

export interface Sending {
  id: number;
  projectId: string;
  name: string;
  plate: FoundPlate;
  stage: Stage;
  /** Bytes of this stage, of `plate.size`. */
  done: number;
  /** Bytes a second. */
  rate: number | null;
  problem: Problem | null;
  shotId: string | null;
}

export const useQueue = create<{ items: Sending[] }>(() => ({ items: [] }));

const ACTIVE: readonly Stage[] = ["hashing", "uploading", "checking", "making"];
const LOOK_MS = 250;

const hasher = new Hasher();
/** What has been hashed need not be again, as long as the page lives. */
const hashed = new Map<number, LocalFile[]>();
let last = 0;
let running: { id: number; controller: AbortController } | null = null;

export function isActive({ stage }: Sending): boolean {
  return ACTIVE.includes(stage);
}

export function isOver({ stage }: Sending): boolean {
  return stage === "done";
}

export function enqueue(projectId: string, plates: readonly FoundPlate[]): void {
  const added = plates.map((plate): Sending => {
    last += 1;
    const begun = { stage: "waiting", done: 0, rate: null, problem: null, shotId: null } as const;
    return { id: last, projectId, name: plate.name, plate, ...begun };
  });
  useQueue.setState(({ items }) => ({ items: [...items, ...added] }));
  next();
}

export function pause(id: number): void {
  change(id, { stage: "paused", rate: null });
  if (running?.id === id) running.controller.abort();
}

/** Go on where it stopped; what has arrived is not sent again. */
export function resume(id: number, name?: string): void {
  change(id, { stage: "waiting", problem: null, ...(name && { name }) });
  next();
}

/** Out of the list. What has arrived of it stays on the server until it is discarded there. */
export function forget(id: number): void {
  if (running?.id === id) running.controller.abort();
  hashed.delete(id);
  useQueue.setState(({ items }) => ({ items: items.filter((item) => item.id !== id) }));
}

function change(id: number, facts: Partial<Sending>): void {
  useQueue.setState(({ items }) => ({
    items: items.map((item) => (item.id === id ? { ...item, ...facts } : item)),
  }));
}

function next(): void {
  if (running) return;
  const item = useQueue.getState().items.find(({ stage }) => stage === "waiting");
  if (!item) return;
  const controller = new AbortController();
  running = { id: item.id, controller };
  void send(item, controller.signal).finally(() => {
    running = null;
    next();
  });
}

async function send(item: Sending, signal: AbortSignal): Promise<void> {
  const tell = teller(item);
  const files = new Map(item.plate.files.map(({ path, file }) => [path, file]));
  let read = 0;
  const disk = browserFiles(files, hasher, (bytes) => tell("hashing", (read += bytes)));
  const watch = ({ stage, done }: { stage: string; done: number }) => {
    if (stage === "uploading") tell(done === item.plate.size ? "checking" : "uploading", done);
  };
  const uploader = new Uploader(pageTransport(), disk, storageNotes(localStorage), { signal, watch });
  try {
    tell("hashing", 0);
    const local = hashed.get(item.id) ?? (await uploader.lookAt([...files.keys()]));
    hashed.set(item.id, local);
    const upload = await uploader.send(item.projectId, local);
    tell("making", item.plate.size);
    const shot = await data(
      api.POST("/api/v1/projects/{project_id}/shots", {
        params: { path: { project_id: item.projectId } },
        body: { name: item.name, plate: { upload_id: upload.id } },
      }),
    );
    change(item.id, { stage: "done", shotId: shot.id, rate: null });
  } catch (error) {
    if (!signal.aborted) change(item.id, { stage: "failed", rate: null, problem: told(error) });
  }
}

/** Tells of a stage and its bytes, not more often than one can see. */
function teller(item: Sending): (stage: Stage, done: number) => void {
  let speed = new Speed();
  let stage: Stage = "waiting";
  let at = 0;
  return (now, done) => {
    const time = performance.now();
    if (now !== stage) speed = new Speed();
    else if (time - at < LOOK_MS) return;
    [stage, at] = [now, time];
    speed.take(done, time);
    const current = useQueue.getState().items.find(({ id }) => id === item.id);
    if (current?.stage !== "paused") change(item.id, { stage, done, rate: speed.rate });
  };
}

/** What our client threw, as this page shows it. */
export function told(error: unknown): Problem {
  if (!(error instanceof RotoError)) return problemOf(error);
  const { message, code, hint, detail, requestId } = error;
  return new Problem(error.status, { message, code, hint, detail, request_id: requestId });
}
