/**
 * Plates on their way to the server, a few side by side. Lives as long as the browser's page: one
 * may look at other pages of ours meanwhile. What is begun is kept (`keeping.ts`) until it is a shot.
 */

import { RotoError } from "roto-client/errors";
import { create } from "zustand";
import { newKey } from "roto-client/ids";
import { api, data } from "../api/client";
import { Problem, problemOf } from "../api/problem";
import { forgetKept, forgetTwins, keep, type Kept, keptOf, type Target } from "./keeping";
import { holdForTab } from "./locks";
import { make } from "./making";
import type { Dropped, FoundPlate } from "./plates";
import { sendFiles } from "./sending";
import { Speed } from "./speed";

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
  /** Bytes that are on the server, as far as is known here. */
  sent: number;
  /** Bytes a second. */
  rate: number | null;
  problem: Problem | null;
  shotId: string | null;
  /** Its record; what was read of the files and the upload's id are in it. */
  kept: Kept;
}

interface Queue {
  items: Sending[];
  /** Whether this browser keeps what is begun; told when it does not. */
  keeps: boolean;
}

export const useQueue = create<Queue>(() => ({ items: [], keeps: true }));

const SIDE_BY_SIDE = 3;
const ACTIVE: readonly Stage[] = ["hashing", "uploading", "checking", "making"];
const LOOK_MS = 250;

let last = 0;
const running = new Map<number, AbortController>();
/** Of each that is not over: other tabs do not offer it meanwhile. */
const held = new Map<number, () => void>();

export function isActive({ stage }: Pick<Sending, "stage">): boolean {
  return ACTIVE.includes(stage);
}

export function isOver({ stage }: Pick<Sending, "stage">): boolean {
  return stage === "done";
}

export function isHeld({ stage }: Pick<Sending, "stage">): boolean {
  return stage === "paused" || stage === "failed";
}

/** With `target` what is sent becomes the next version of that shot's plate. */
export function enqueue(userId: string, projectId: string, plates: readonly FoundPlate[], target?: Target): void {
  const kept = plates.map((plate): Kept => {
    const made = keptOf(newKey(), userId, projectId, plate);
    return target ? { ...made, target } : made;
  });
  append(plates.map((plate, at) => ({ plate, kept: kept[at] as Kept })));
  void safely(keep(kept));
}

/** Go on with what was begun before the page was loaded; no files of what only lacks its shot. */
export function goOn(kept: Kept, files: Dropped[]): void {
  append([{ kept, plate: { ...kept.plate, files } }]);
  void safely(keep([kept]));
}

export function pause(id: number): void {
  const item = found(id);
  if (!item || isOver(item) || isHeld(item)) return;
  change(id, { stage: "paused", rate: null });
  running.get(id)?.abort();
}

/** Go on where it stopped; what has arrived is not sent again. */
export function resume(id: number, name?: string): void {
  const item = found(id);
  if (!item || !isHeld(item)) return;
  change(id, { stage: "waiting", problem: null, ...(name && { name }) });
  if (name) rememberOf(id, (kept) => ({ ...kept, name }));
  next();
}

export function pauseAll(): void {
  for (const { id } of useQueue.getState().items) pause(id);
}

export function resumeAll(): void {
  for (const { id, problem } of useQueue.getState().items) {
    // A name that is taken is taken still.
    if (problem?.code !== "conflict") resume(id);
  }
}

/** Give it up: what has arrived of it is removed from the server too. */
export async function cancel(id: number): Promise<void> {
  pause(id);
  const upload = found(id)?.kept.uploadId;
  // Files of the same bytes may go the same way for two shots.
  const shared = useQueue.getState().items.some((one) => one.id !== id && one.kept.uploadId === upload);
  if (upload && !shared) await discardUpload(upload);
  forget(id);
}

/** Out of the list; what is a shot stays one. */
export function forget(id: number): void {
  const item = found(id);
  if (!item) return;
  running.get(id)?.abort();
  release(id);
  useQueue.setState(({ items }) => ({ items: items.filter((one) => one.id !== id) }));
  void safely(forgetKept([item.kept.id]));
}

export async function discardUpload(id: string): Promise<void> {
  try {
    await data(api.DELETE("/api/v1/uploads/{upload_id}", { params: { path: { upload_id: id } } }));
  } catch (error) {
    // Gone already, by its age or from another tab.
    if (!(error instanceof Problem) || error.status !== 404) throw error;
  }
}

function append(added: Pick<Sending, "plate" | "kept">[]): void {
  const items = added.map(({ plate, kept }): Sending => {
    last += 1;
    held.set(last, holdForTab(kept.id));
    const begun = { stage: "waiting", done: 0, sent: 0, rate: null, problem: null, shotId: null } as const;
    return { id: last, projectId: kept.projectId, name: kept.name, plate, kept, ...begun };
  });
  useQueue.setState((before) => ({ items: [...before.items, ...items] }));
  next();
}

function found(id: number): Sending | undefined {
  return useQueue.getState().items.find((item) => item.id === id);
}

function change(id: number, facts: Partial<Sending>): void {
  useQueue.setState(({ items }) => ({
    items: items.map((item) => (item.id === id ? { ...item, ...facts } : item)),
  }));
}

function rememberOf(id: number, say: (kept: Kept) => Kept): void {
  const item = found(id);
  if (!item) return;
  const kept = say(item.kept);
  if (kept.uploadId === item.kept.uploadId) {
    void safely(keep([kept]));
  } else {
    // It was dropped again instead of gone on with: that record says nothing more.
    const ours = useQueue.getState().items.map((one) => one.kept.id);
    void safely(keep([kept]).then(() => forgetTwins(kept, ours)));
  }
  change(id, { kept });
}

function release(id: number): void {
  held.get(id)?.();
  held.delete(id);
}

function next(): void {
  for (const item of useQueue.getState().items) {
    if (running.size >= SIDE_BY_SIDE) return;
    // What was paused and is to go on first has to end.
    if (item.stage !== "waiting" || running.has(item.id)) continue;
    const controller = new AbortController();
    running.set(item.id, controller);
    void send(item, controller.signal).finally(() => {
      running.delete(item.id);
      next();
    });
  }
}

async function send(item: Sending, signal: AbortSignal): Promise<void> {
  const { id, plate } = item;
  const tell = teller(id, plate.size, signal);
  try {
    const uploadId = await sendFiles(item, {
      signal,
      tell,
      remember: (say) => rememberOf(id, say),
    });
    tell("making", plate.size);
    const now = found(id) ?? item;
    const shotId = await make(now.kept, now.name, uploadId, (say) => rememberOf(id, say));
    change(id, { stage: "done", sent: plate.size, shotId, rate: null, problem: null });
    release(id);
    await safely(forgetKept([item.kept.id]));
  } catch (error) {
    if (!signal.aborted) change(id, { stage: "failed", rate: null, problem: told(error) });
  }
}

/** Tells of a stage and its bytes, not more often than one can see. */
function teller(id: number, size: number, signal: AbortSignal): (stage: Stage, done: number) => void {
  let speed = new Speed();
  let stage: Stage = "waiting";
  let at = 0;
  return (now, done) => {
    const time = performance.now();
    if (now !== stage) speed = new Speed();
    else if (time - at < LOOK_MS) return;
    [stage, at] = [now, time];
    speed.take(done, time);
    if (signal.aborted) return;
    const sent = now === "uploading" ? { sent: done } : now === "hashing" ? {} : { sent: size };
    change(id, { stage, done, rate: speed.rate, ...sent });
  };
}

/** A browser may keep nothing (private windows): then it is said, and the plates are sent all the same. */
async function safely(keeping: Promise<void>): Promise<void> {
  try {
    await keeping;
  } catch {
    useQueue.setState({ keeps: false });
  }
}

/** What our client threw, as this page shows it. */
export function told(error: unknown): Problem {
  if (!(error instanceof RotoError)) return problemOf(error);
  const { message, code, hint, detail, requestId } = error;
  return new Problem(error.status, { message, code, hint, detail, request_id: requestId });
}

// The browser asks before it leaves while something is being sent, on whatever page of ours.
if (typeof addEventListener === "function") {
  addEventListener("beforeunload", (event) => {
    if (useQueue.getState().items.some(isActive)) event.preventDefault();
  });
}
