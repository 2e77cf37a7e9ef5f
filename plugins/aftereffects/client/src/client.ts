/**
 * The public API (`/api/v1`) as typed calls; see types.ts for pixels and frames. Every call throws
 * `RotoError` when the server says no or nothing answers, and takes an `AbortSignal`.
 */

import type { RotoDocument } from "./document";
import { RotoError } from "./errors";
import { newKey } from "./ids";
import { askPreview, type PreviewOptions } from "./previews";
import { correctionBody } from "./requests";
import type { Retry } from "./retry";
import type { JobStatus } from "./schema";
import { type Call, type Fetch, type Params, Transport, type Waiting } from "./transport";
import type {
  CorrectionRequest,
  FrameRange,
  Job,
  MaskRow,
  ObjectPrompts,
  Output,
  Preview,
  Project,
  Shot,
  ShotObject,
} from "./types";

export interface Going {
  signal?: AbortSignal;
}

/** A frame of a shot's plate, small: the picture covers the whole plate, whatever its size. */
export interface FramePicture {
  bytes: Uint8Array;
  type: string;
  frame: number;
}

/** The matte a running job tracked last: 16-bit grey PNG of the plate's size. */
export interface NewestMask {
  object: string;
  frame: number;
  png: Uint8Array;
}

export interface NewShot {
  name: string;
  path?: string;
  uploadId?: string;
  firstFrame?: number;
  frameRange?: FrameRange;
  colorspace?: string;
  fps?: [number, number];
}

interface Page<T> {
  items: T[];
  next?: string | null;
}

const FRAME_HEADER = "X-Roto-Frame";

export class RotoClient {
  readonly transport: Transport;

  constructor(
    server: string,
    token: string | null,
    options: { fetch?: Fetch; retry?: Retry; transport?: Transport } = {},
  ) {
    this.transport = options.transport ?? new Transport({ server, token, ...options });
  }

  get server(): string {
    return this.transport.server;
  }

  /** The same server and key with another patience. */
  with(retry: Retry, waiting?: Waiting): RotoClient {
    const transport = this.transport.with(retry, waiting);
    return new RotoClient(this.server, transport.token, { transport });
  }

  /** Ask something that needs a good key: throws what is in the way. */
  async probe(going: Going = {}): Promise<void> {
    await this.get<Page<Project>>("/projects", { limit: 1 }, going);
  }

  // --- projects and shots

  projects(name?: string, going: Going = {}): Promise<Project[]> {
    return this.all("/projects", { name }, going);
  }

  createProject(name: string, going: Going = {}): Promise<Project> {
    return this.transport.json("POST", "/projects", { body: { name }, ...going });
  }

  shots(projectId: string, name?: string, going: Going = {}): Promise<Shot[]> {
    return this.all(`/projects/${id(projectId)}/shots`, { name }, going);
  }

  shot(shotId: string, going: Going = {}): Promise<Shot> {
    return this.get(`/shots/${id(shotId)}`, {}, going);
  }

  /** A new shot of the plate at `path` (as the server sees it) or of an upload; `probing` at first. */
  createShot(projectId: string, shot: NewShot, going: Going = {}): Promise<Shot> {
    const { name, path, uploadId, firstFrame } = shot;
    const body = {
      name,
      plate: { path, upload_id: uploadId, first_frame: firstFrame },
      frame_range: shot.frameRange,
      colorspace: shot.colorspace,
      fps: shot.fps,
    };
    return this.transport.json("POST", `/projects/${id(projectId)}/shots`, { body, ...going });
  }

  objects(shotId: string, going: Going = {}): Promise<ShotObject[]> {
    return this.all(`/shots/${id(shotId)}/objects`, {}, going);
  }

  /** The plate as the farm saw it on one plate frame; throws `plate_not_ready` while it is read. */
  async frame(shotId: string, frame: number, going: Going = {}): Promise<FramePicture> {
    const path = `/shots/${id(shotId)}/frames/${frame}`;
    const answer = await this.transport.send("GET", path, { keep: true, ...going });
    return {
      bytes: answer.bytes,
      type: answer.headers.get("Content-Type") ?? "image/jpeg",
      frame,
    };
  }

  /**
   * The masks of what is prompted on one plate frame of a shot that is ready.
   *
   * Throws, beside what a job with these prompts is refused for: `superseded` when a newer one of
   * `options.clientKey` was asked for, `preview_expired` when no worker answered.
   */
  preview(
    shotId: string,
    frame: number,
    prompts: readonly ObjectPrompts[],
    options: PreviewOptions = {},
  ): Promise<Preview> {
    return askPreview(this.transport, id(shotId), frame, prompts, options);
  }

  // --- jobs

  /** Submit a roto job: the body of `POST shots/{id}/segment` (requests.segmentBody). */
  segment(shotId: string, body: unknown, key: string, going: Going = {}): Promise<Job> {
    return this.postJob(`/shots/${id(shotId)}/segment`, body, key, going);
  }

  /** Correct a version of a shot's shapes; throws `conflict` when there is a newer one. */
  correct(shotId: string, correction: CorrectionRequest, going: Going = {}): Promise<Job> {
    const path = `/shots/${id(shotId)}/corrections`;
    return this.postJob(path, correctionBody(correction), correction.key ?? "", going);
  }

  /** Write a version of the shot's shapes (the latest by default) in `formats`. */
  export(
    shotId: string,
    formats: readonly string[],
    version?: number,
    going: Going = {},
  ): Promise<Job> {
    return this.postJob(`/shots/${id(shotId)}/export`, { formats, version }, "", going);
  }

  /** Jobs, newest first, at most `limit` of them. */
  async jobs(
    query: { state?: string; shotId?: string; limit?: number } & Going = {},
  ): Promise<Job[]> {
    const limit = query.limit ?? 100;
    const asked = { state: query.state, shot_id: query.shotId, limit: Math.min(limit, 100) };
    const found: Job[] = [];
    for await (const job of this.pages<Job>("/jobs", asked, query)) {
      found.push(job);
      if (found.length >= limit) {
        break;
      }
    }
    return found;
  }

  job(jobId: string, going: Going = {}): Promise<Job> {
    return this.get(`/jobs/${id(jobId)}`, {}, going);
  }

  status(jobId: string, going: Going = {}): Promise<JobStatus> {
    return this.get(`/jobs/${id(jobId)}/status`, {}, going);
  }

  cancel(jobId: string, going: Going = {}): Promise<Job> {
    return this.transport.json("POST", `/jobs/${id(jobId)}/cancel`, { idempotent: true, ...going });
  }

  /** Run a failed or cancelled job again from its first unfinished task. */
  retry(jobId: string, going: Going = {}): Promise<Job> {
    return this.transport.json("POST", `/jobs/${id(jobId)}/retry`, going);
  }

  /** What the workers wrote about a job. */
  async log(jobId: string, going: Going = {}): Promise<string> {
    const answer = await this.transport.send("GET", `/jobs/${id(jobId)}/log`, going);
    return new TextDecoder().decode(answer.bytes);
  }

  /** The matte of an object tracked last, while the job runs; throws `not_found` until then. */
  async newestMask(jobId: string, object: string, going: Going = {}): Promise<NewestMask> {
    const call: Call = { params: { object }, ...going };
    const answer = await this.transport.send("GET", `/jobs/${id(jobId)}/newest-mask`, call);
    const told = answer.headers.get(FRAME_HEADER);
    const frame = Number(told);
    if (told === null || !Number.isInteger(frame)) {
      throw new RotoError("The server does not say which frame its matte is of.", {
        kind: "server",
      });
    }
    return { object, frame, png: answer.bytes };
  }

  // --- results

  outputs(jobId: string, going: Going = {}): Promise<Output[]> {
    return this.all(`/jobs/${id(jobId)}/outputs`, {}, going);
  }

  async outputBytes(jobId: string, outputId: string, going: Going = {}): Promise<Uint8Array> {
    const path = `/jobs/${id(jobId)}/outputs/${id(outputId)}`;
    return (await this.transport.send("GET", path, going)).bytes;
  }

  /** Mask rows of a shot: object, frame and confidence. */
  masks(shotId: string, query: { jobId?: string } & Going = {}): Promise<MaskRow[]> {
    return this.all(`/shots/${id(shotId)}/masks`, { job_id: query.jobId }, query);
  }

  /** The shot's `roto/1` document, the latest version by default. */
  shapes(shotId: string, version?: number, going: Going = {}): Promise<RotoDocument> {
    return this.get(`/shots/${id(shotId)}/shapes`, { version }, going);
  }

  // --- how answers are read

  private postJob(path: string, body: unknown, key: string, going: Going): Promise<Job> {
    const idempotencyKey = key || newKey();
    return this.transport.json("POST", path, { body, idempotencyKey, ...going });
  }

  private get<T>(path: string, params: Params, going: Going): Promise<T> {
    return this.transport.json("GET", path, { params, signal: going.signal });
  }

  private async all<T>(path: string, params: Params, going: Going): Promise<T[]> {
    const found: T[] = [];
    for await (const item of this.pages<T>(path, params, going)) {
      found.push(item);
    }
    return found;
  }

  private async *pages<T>(path: string, params: Params, going: Going): AsyncGenerator<T> {
    let cursor: string | undefined;
    do {
      const page: Page<T> = await this.get(path, { ...params, cursor }, going);
      yield* page.items;
      cursor = page.next ?? undefined;
    } while (cursor);
  }
}

/** `job` itself if it succeeded; throws `job` with its reason if it failed or was cancelled. */
export function raiseUnlessSucceeded(job: Job): Job {
  if (job.state === "succeeded") {
    return job;
  }
  const error = job.error ?? {};
  const cancelled = job.state === "cancelled";
  const said = cancelled ? `Job ${job.id} was cancelled.` : textOf(error["message"]);
  throw new RotoError(said || `Job ${job.id} is ${job.state}.`, {
    kind: "job",
    code: cancelled ? "conflict" : textOf(error["code"]) || "internal",
    hint: cancelled ? "" : textOf(error["hint"]) || "The job's log shows what the worker wrote.",
    jobId: job.id,
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** An id in a path: whatever it holds, it stays one part of it. */
function id(text: string): string {
  return encodeURIComponent(text);
}
