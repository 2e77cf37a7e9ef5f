/** What the panel draws: one frozen value. Frames are plate frames, positions plate pixels. */

import type { Stretch } from "../../../client/src/attention";
import type { Job, OutputKind, Priority } from "../../../client/src/types";
import type { NativeObject, Scene } from "../../../contract/host";
import type { Tool } from "../canvas/gestures";
import type { Trouble } from "../errors";
import { fresh, type History } from "../model/history";
import { NOTHING, type Prompted } from "../model/prompts";

export type ServerStatus = "signed_out" | "connecting" | "ready" | "offline" | "refused";

/** A sign-in that waits for the artist's browser. */
export interface CodeShown {
  /** What is entered at `address`. */
  code: string;
  address: string;
  /** When the code is void, as `Date.now()` counts. */
  ends: number;
}

export interface ServerState {
  status: ServerStatus;
  url: string;
  trouble: Trouble | null;
}

/**
 * `toPicture`: plate pixels to the picture's (a x + c y + e, b x + d y + f); null: it is the plate.
 */
export interface Picture {
  frame: number;
  image: CanvasImageSource;
  toPicture: readonly [number, number, number, number, number, number] | null;
}

export interface PreviewMask {
  object: string;
  image: CanvasImageSource;
  score: number;
  /** Which of how many candidates is shown, from 0. */
  candidate: number;
  candidates: number;
}

/** Masks of one frame. */
export interface Previewed {
  frame: number;
  masks: readonly PreviewMask[];
}

export interface JobRow {
  job: Job;
  shot: string;
  /** Object -> the stretches that need the artist, worst first; null until they were asked for. */
  attention: Readonly<Record<string, readonly Stretch[]>> | null;
}

export interface NewestPicture {
  job: string;
  object: string;
  frame: number;
  url: string;
}

export interface Notice {
  level: "note" | "error";
  message: string;
  hint: string;
}

export type Outlines = "" | "0.5" | "0.25";

export interface Choices {
  project: string;
  shot: string;
  /** "1001-1096", empty for what the layer shows. */
  frames: string;
  outputs: readonly OutputKind[];
  priority: Priority;
  engine: string;
  /** Allowed outline error in plate pixels, "" for the farm's own choice. */
  outlines: Outlines;
  transfer: "auto" | "path" | "upload";
  /** `ours=theirs;...` */
  pathRules: string;
  /** What an earlier version's masks become: replaced, or kept beside. */
  version: "replace" | "beside";
  live: boolean;
}

export const CHOICES: Choices = {
  project: "default",
  shot: "",
  frames: "",
  outputs: ["shapes", "mattes"],
  priority: "normal",
  engine: "auto",
  outlines: "",
  transfer: "auto",
  pathRules: "",
  version: "replace",
  live: true,
};

/** What is being done right now; `fraction` 0..1, null while nobody knows. */
export interface Busy {
  text: string;
  fraction: number | null;
  stop: (() => void) | null;
}

export interface PanelState {
  server: ServerState;
  signIn: CodeShown | null;
  scene: Scene | null;
  sceneTrouble: Trouble | null;
  /** The plate frame on the canvas. */
  frame: number | null;
  picture: Picture | null;
  previewed: Previewed | null;
  previewing: boolean;
  history: History<Prompted>;
  native: readonly NativeObject[];
  tool: Tool;
  /** The plate's shot at the farm, once it is there. */
  shotId: string | null;
  busy: Busy | null;
  notice: Notice | null;
  jobs: readonly JobRow[];
  chosenJob: string | null;
  newest: NewestPicture | null;
  log: { job: string; text: string } | null;
  choices: Choices;
}

export function startState(url: string, choices: Choices): PanelState {
  return {
    server: { status: "signed_out", url, trouble: null },
    signIn: null,
    scene: null,
    sceneTrouble: null,
    frame: null,
    picture: null,
    previewed: null,
    previewing: false,
    history: fresh(NOTHING),
    native: [],
    tool: "add",
    shotId: null,
    busy: null,
    notice: null,
    jobs: [],
    chosenJob: null,
    newest: null,
    log: null,
    choices,
  };
}

export function chosenRow(state: PanelState): JobRow | null {
  return state.jobs.find((row) => row.job.id === state.chosenJob) ?? null;
}
