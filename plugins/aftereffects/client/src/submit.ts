/**
 * From "this object in this plate" to a job: find or make project and shot, send the plate if the
 * server may not read it, wait for the farm's look at it, check, submit (submit.py).
 */

import { raiseUnlessSucceeded, type RotoClient } from "./client";
import { errorFrom, RotoError } from "./errors";
import type { Files } from "./files";
import { newKey } from "./ids";
import { memoryNotes, type UploadNotes } from "./notes";
import { PathMap, samePath } from "./paths";
import { changedSince, findPlate, type LocalPlate } from "./plates";
import { checkAgainstShot, checkName, checkRequest, segmentBody } from "./requests";
import { sleep } from "./retry";
import { Uploader } from "./upload";
import {
  type Doing,
  hasEnded,
  type Job,
  type Project,
  type Shot,
  type SubmitRequest,
} from "./types";

const MOST_NAMES = 100;
/** Until a plate that no worker takes up is worth a remark. */
const PATIENCE = 15_000;

/** A shot that is ready for jobs. `inPlace`: the server reads the plate where it is. */
export interface Prepared {
  shot: Shot;
  project: Project;
  inPlace: boolean;
}

export interface Submitted extends Prepared {
  job: Job;
}

export interface SubmitOptions {
  /** This machine's disk; without one a plate can only be read in place. */
  files?: Files | null;
  /** Names this machine's folders as the server does. */
  paths?: PathMap;
  notes?: UploadNotes;
  /** Stages hashing and uploading (bytes), ingest (frames). */
  watch?: (doing: Doing) => void;
  /** Gets a sentence now and then. */
  say?: (text: string) => void;
  /** Aborting gives up with `stopped`; what was sent stays there. */
  signal?: AbortSignal;
}

export class Submitter {
  private readonly files: Files | null;
  private readonly paths: PathMap;
  private readonly notes: UploadNotes;
  private readonly going: { signal?: AbortSignal };

  constructor(
    private readonly client: RotoClient,
    private readonly options: SubmitOptions = {},
  ) {
    this.files = options.files ?? null;
    this.paths = options.paths ?? new PathMap();
    this.notes = options.notes ?? memoryNotes();
    this.going = { signal: options.signal };
  }

  async submit(request: SubmitRequest): Promise<Submitted> {
    const prepared = await this.prepare(request);
    return { ...prepared, job: await this.send(request, prepared) };
  }

  /** Everything before the job. Throws what is wrong with the request before anything is sent. */
  async prepare(request: SubmitRequest): Promise<Prepared> {
    checkRequest(request);
    return this.look(request);
  }

  /** The shot of the request's plate, ready. Its objects may still be none, or say nothing. */
  async look(request: SubmitRequest): Promise<Prepared> {
    const plate = await findPlate(this.files, request.plate);
    [request.project, request.shot].forEach((name) => name !== undefined && checkName(name));
    plate.checkComplete(request.frameRange);
    const project = await this.project(request.project ?? "default");
    const [shot, inPlace] = await this.shot(project, request, plate);
    const ready = await this.waitReady(shot);
    checkAgainstShot(request, ready);
    return { project, shot: ready, inPlace };
  }

  /** Make the job of a request whose shot is ready. */
  send(request: SubmitRequest, prepared: Prepared): Promise<Job> {
    const key = request.key || newKey();
    return this.client.segment(prepared.shot.id, segmentBody(request), key, this.going);
  }

  /**
   * The project of that name, made if there is none. Throws `access` when there is none to see and
   * this key may make none, `conflict` when there are several.
   */
  async project(name: string): Promise<Project> {
    const found = await this.projectNamed(name);
    if (found) {
      return found;
    }
    try {
      return await this.client.createProject(name, this.going);
    } catch (error) {
      // Another submit made it in this moment, or the answer to ours was lost.
      const made = isKind(error, "conflict") && (await this.projectNamed(name));
      if (!made) {
        throw noProject(name, error);
      }
      return made;
    }
  }

  /** Names are unique among the projects of those who may see them: administrators see all. */
  private async projectNamed(name: string): Promise<Project | null> {
    const found = await this.client.projects(name, this.going);
    if (found.length > 1) {
      throw new RotoError(`There are ${found.length} projects named ${JSON.stringify(name)}.`, {
        kind: "conflict",
        hint:
          "Only an administrator sees them all. Have one of them renamed, or sign in as somebody " +
          "who works on one of them.",
        detail: { projects: found.map((one) => one.id) },
      });
    }
    return found[0] ?? null;
  }

  /** Wait until the farm has looked at the plate. Throws what it says of an invalid one. */
  async waitReady(probing: Shot): Promise<Shot> {
    let shot = probing;
    let waited = 0;
    for (let pause = 100; shot.state === "probing"; pause = Math.min(2000, pause * 1.5)) {
      await sleep(pause, this.options.signal);
      waited += pause;
      const query = { shotId: shot.id, limit: 10, ...this.going };
      const ingest = (await this.client.jobs(query)).find((job) => job.kind === "ingest");
      if (ingest?.state === "queued" && waited > PATIENCE) {
        this.options.say?.("No worker has taken up the plate yet. Is one running?");
        waited = -Infinity;
      }
      shot = await this.client.shot(shot.id, this.going);
      if (ingest) {
        this.tellIngest(ingest, shot);
      }
    }
    if (shot.state === "invalid") {
      throw errorFrom(shot.error ?? { code: "bad_plate", message: "The plate is unusable." });
    }
    return shot;
  }

  private tellIngest(ingest: Job, shot: Shot): void {
    if (shot.state === "probing" && hasEnded(ingest)) {
      // The job may have ended between the two questions; then the shot knows by now.
      raiseUnlessSucceeded(ingest);
    }
    const { done = 0, total = 0, fraction = 0, message = "" } = ingest.progress;
    const ready = shot.state === "ready";
    this.options.watch?.({
      stage: "ingest",
      done: ready ? total : done,
      total,
      fraction: ready ? 1 : fraction,
      message,
    });
  }

  // --- which shot

  private async shot(
    project: Project,
    request: SubmitRequest,
    plate: LocalPlate,
  ): Promise<[Shot, boolean]> {
    if (request.transfer !== "upload") {
      try {
        return [await this.shotInPlace(project, request, plate), true];
      } catch (error) {
        if (!isKind(error, "path_refused") || request.transfer === "path" || !plate.isHere) {
          throw error;
        }
        this.options.say?.("The server may not read that folder; the plate is sent to it instead.");
      }
    }
    return [await this.shotOfUpload(project, request, plate), false];
  }

  private async shotInPlace(
    project: Project,
    request: SubmitRequest,
    plate: LocalPlate,
  ): Promise<Shot> {
    const path = this.paths.toServer(plate.path);
    const ours = [path, this.paths.toServer(await this.realPath(plate))];
    const fits = async (shot: Shot): Promise<boolean> =>
      // Told as this system names it, or as the server does.
      ours.some((one) => samePath(one, shot.plate.path)) &&
      sameUse(shot, request, plate) &&
      // A plate rendered again is another plate: the shot knows the old one's pictures.
      !(
        this.files &&
        (await changedSince(this.files, plate, Date.parse(shot.created_at), request.frameRange))
      );
    const [found, name] = await this.freeName(project, request, plate, fits);
    return found ?? this.create(project, name, request, plate, { path });
  }

  private async realPath(plate: LocalPlate): Promise<string> {
    const { folder } = plate.name;
    if (!this.files || !folder) {
      return plate.path;
    }
    const real = await this.files.real(folder);
    return real.replace(/[/\\]+$/, "") + this.files.separator + plate.path.slice(folder.length);
  }

  private async shotOfUpload(
    project: Project,
    request: SubmitRequest,
    plate: LocalPlate,
  ): Promise<Shot> {
    if (!this.files || !plate.isHere) {
      throw new RotoError(`${plate.path} is not on this machine.`, {
        code: "bad_plate",
        hint: "Check that the footage is there; the farm can also read folders that it mounts.",
      });
    }
    const { watch, signal } = this.options;
    const uploader = new Uploader(this.client.transport, this.files, this.notes, { watch, signal });
    const files = await uploader.lookAt(plate.files(request.frameRange));
    const key = uploader.key(project.id, files);
    const known = await this.knownShot(key);
    const fits = async (shot: Shot): Promise<boolean> =>
      shot.id === known?.id && sameUse(shot, request, plate);
    const [found, name] = await this.freeName(project, request, plate, fits);
    if (found) {
      this.options.say?.("The server has these files already.");
      return found;
    }
    const upload = await uploader.send(project.id, files);
    const shot = await this.create(project, name, request, plate, { uploadId: upload.id });
    this.notes.put(key, { shotId: shot.id });
    return shot;
  }

  private async knownShot(key: string): Promise<Shot | null> {
    const { shotId } = this.notes.get(key);
    if (!shotId) {
      return null;
    }
    try {
      return await this.client.shot(shotId, this.going);
    } catch (error) {
      if (isKind(error, "not_found")) {
        this.notes.forget(key);
        return null;
      }
      throw error;
    }
  }

  /** A shot that fits, or the first name that is free. */
  private async freeName(
    project: Project,
    request: SubmitRequest,
    plate: LocalPlate,
    fits: (shot: Shot) => Promise<boolean>,
  ): Promise<[Shot | null, string]> {
    let name = request.shot ?? plate.shotName;
    for (let number = 2; number <= MOST_NAMES + 1; number++) {
      const shot = (await this.client.shots(project.id, name, this.going))[0];
      if (!shot || (await fits(shot))) {
        return [shot ?? null, name];
      }
      if (request.shot !== undefined) {
        break;
      }
      name = `${plate.shotName}-${number}`;
    }
    throw new RotoError(
      `The shot ${JSON.stringify(name)} of project ${JSON.stringify(project.name)} is of another ` +
        "plate or range, or its plate has changed or was found to be unusable.",
      { code: "conflict", hint: "Give another shot name, or none." },
    );
  }

  private create(
    project: Project,
    name: string,
    request: SubmitRequest,
    plate: LocalPlate,
    source: { path?: string; uploadId?: string },
  ): Promise<Shot> {
    const { frameRange, colorspace, fps } = request;
    const firstFrame = firstFrameOf(request, plate);
    const shot = { name, firstFrame, frameRange, colorspace, fps, ...source };
    return this.client.createShot(project.id, shot, this.going);
  }
}

/** Whether `shot` reads the plate as the request wants it read, and has its frames. */
function sameUse(shot: Shot, request: SubmitRequest, plate: LocalPlate): boolean {
  if (shot.state === "invalid") {
    return false;
  }
  const wanted = plate.range(request.frameRange);
  const there = shot.frame_range;
  if (wanted && there && (wanted[0] < there[0] || wanted[1] > there[1])) {
    return false;
  }
  const asked: [unknown, unknown][] = [
    [request.colorspace, shot.colorspace],
    [request.fps?.join("/"), shot.fps?.join("/")],
    [firstFrameOf(request, plate), shot.plate.first_frame ?? 1],
  ];
  return asked.every(([mine, theirs]) => mine === undefined || mine === theirs);
}

/** A sequence's frame numbers are those of its files. */
function firstFrameOf(request: SubmitRequest, plate: LocalPlate): number | undefined {
  return plate.name.kind === "movie" ? request.firstFrame : undefined;
}

function isKind(error: unknown, kind: RotoError["kind"]): boolean {
  return error instanceof RotoError && error.kind === kind;
}

/** What is wrong when there is no project of that name, and none could be made. */
function noProject(name: string, error: unknown): unknown {
  if (!(error instanceof RotoError) || error.code !== "forbidden") {
    return error;
  }
  const { code, status, requestId, detail } = error;
  const none = `There is no project ${JSON.stringify(name)} that you work on`;
  return new RotoError(`${none}, and you may not make one.`, {
    code,
    status,
    requestId,
    detail,
    hint: "Ask a supervisor to make it or to add you to it, or check the project's name.",
  });
}
