/** A job's masks and mattes brought into After Effects, and the artist's changes sent back. */

import { raiseUnlessSucceeded } from "../../../client/src/client";
import type { Keys } from "../../../client/src/keys";
import { promptEdits } from "../../../client/src/requests";
import type { Doing, Edit, Job } from "../../../client/src/types";
import type { JobRef, LayerRef, MaskData, MaskFile, MasksNow } from "../../../contract/host";
import { PanelError } from "../errors";
import { objectPrompts } from "../model/request";
import { count } from "../words";
import type { Context } from "./context";
import type { Farm } from "./farm";
import { type Jobs, objectsOf } from "./jobs";
import type { Plate } from "./plate";

/** Characters of JSON in one script: After Effects reads them on its main thread. */
const PIECE = 256 * 1024;
/** Vertices of all keys up to which one undo group draws everything. */
const AT_ONCE = 60_000;
/** What becomes of an earlier version, and what the artist has to know of it. */
interface Standing {
  replace: boolean;
  note: string;
}

const REPLACED: Standing = { replace: true, note: "" };
const ONE_UNDO = "One undo takes it back.";

export class Results {
  constructor(
    private readonly context: Context,
    private readonly farm: Farm,
    private readonly plate: Plate,
    private readonly jobs: Jobs,
    private readonly keys: Keys,
  ) {}

  /**
   * The masks of a job on the selected layer. A correction's masks only get their new stretches.
   */
  async applyMasks(job: Job): Promise<void> {
    await this.context.busy("Fetching masks", async (signal) => {
      raiseUnlessSucceeded(job);
      const at = this.target();
      const result = await this.farm.result(this.context.farm, job, null, this.going(signal));
      const file = result.masks;
      if (!file) throw new PanelError("The job has no masks.", "Tick masks, and submit again.");
      const base = this.baseOf(job);
      const standing = base ? REPLACED : await this.standing(at, job, signal);
      await this.staged(`job-${job.id}`, file, signal, (token) =>
        base
          ? this.update(at, token, job, base, result.changed ?? {}, signal)
          : this.draw(at, token, job, file, standing, signal),
      );
      await this.plate.look();
    });
  }

  /** The mattes of a job, each as a track matte of its own layer. */
  async importMattes(job: Job): Promise<void> {
    await this.context.busy("Fetching mattes", async (signal) => {
      raiseUnlessSucceeded(job);
      const at = this.target();
      const going = this.going(signal, "Fetching mattes");
      const result = await this.farm.result(this.context.farm, job, this.folder(), going);
      const mattes = Object.entries(result.mattes);
      if (mattes.length === 0) {
        throw new PanelError("The job has no mattes.", "Tick mattes, and submit again.");
      }
      const notes: string[] = [];
      for (const [object, matte] of mattes) {
        const placed = await this.context.host.call("importMatte", {
          at,
          firstFile: matte.firstFile,
          firstFrame: matte.first,
          mode: matteMode(matte.firstFile),
          name: `${object} matte`,
          job: refOf(job),
          replace: this.context.state.choices.version === "replace",
        });
        notes.push(...placed.notes);
      }
      this.context.note(`${count(mattes.length, "matte")} in the composition.`, notes.join(" "));
      await this.plate.look();
    });
  }

  /**
   * What was changed in the masks of the newest version on the layer, on this frame or everywhere.
   */
  async correct(everywhere: boolean): Promise<void> {
    await this.context.busy("Reading the masks", async (signal) => {
      const at = this.target();
      const ref = this.newestOnLayer();
      const { frame } = this.context.state;
      const client = this.context.farm;
      const job = await client.job(ref.job, { signal });
      const base = await this.farm.base(client, job, signal);
      const now = await this.masksNow(at, job, base.masks, signal);
      this.context.doing("Comparing with what the farm sent");
      const { edits, notes } = this.farm.edits(base, job, now, everywhere ? null : frame);
      await this.send(ref, edits, [...now.notes, ...notes], signal);
    });
  }

  /** What is clicked on this frame, in place of what was said there before. */
  async correctClicks(): Promise<void> {
    await this.context.busy("Sending clicks", async (signal) => {
      this.target();
      const ref = this.newestOnLayer();
      const { frame, history, native } = this.context.state;
      const job = await this.context.farm.job(ref.job, { signal });
      const known = new Set(objectsOf(job));
      const said = objectPrompts(history.present, native)
        .filter((one) => known.has(one.name))
        .map((one) => ({ ...one, prompts: one.prompts.filter((each) => each.frame === frame) }));
      const edits = promptEdits(said);
      if (edits.length === 0) {
        throw new PanelError(
          `Nothing is clicked on frame ${frame} for ${[...known].join(", ")}.`,
          "Click on the object, or beside it, where the mask is wrong.",
          "no_objects",
        );
      }
      await this.send(ref, edits, [], signal);
    });
  }

  private async send(
    ref: JobRef,
    edits: Edit[],
    notes: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const { priority } = this.context.state.choices;
    const client = this.context.farm;
    const correction = { baseVersion: ref.version, edits, priority };
    const made = await this.keys.send([client.server, ref.shot, correction], (key) =>
      client.correct(ref.shot, { ...correction, key }, { signal }),
    );
    await this.jobs.add(made);
    this.context.note(
      `The correction is on its way as version ${made.version}.`,
      [...notes, "Only the frames around it are tracked again."].join(" "),
    );
  }

  /**
   * What becomes of the shot's masks that are on the layer. What the artist has changed and not
   * sent is never taken away; throws PanelError when this very version is there.
   */
  private async standing(at: LayerRef, job: Job, signal: AbortSignal): Promise<Standing> {
    const { choices, scene } = this.context.state;
    if (choices.version === "beside") return { replace: false, note: "" };
    for (const ref of scene?.jobs ?? []) {
      if (ref.shot !== job.shot_id) continue;
      this.context.doing(`Looking at version ${ref.version} on the layer`);
      const changed = await this.touched(at, ref, signal);
      if (changed !== null && ref.job === job.id) {
        throw new PanelError(
          `Version ${ref.version} is on the layer already.`,
          "To have it as it came, delete its masks first, or choose that an earlier version is " +
            "kept beside.",
        );
      }
      if (changed) {
        const note = `Version ${ref.version} was changed by hand, so it stays beside the new one.`;
        return { replace: false, note };
      }
    }
    return REPLACED;
  }

  /** Whether a version's masks differ from what the farm sent; null when none are there. */
  private async touched(at: LayerRef, ref: JobRef, signal: AbortSignal): Promise<boolean | null> {
    const client = this.context.farm;
    const job = await client.job(ref.job, { signal });
    const base = await this.farm.base(client, job, signal);
    const now = await this.masksNow(at, job, base.masks, signal);
    if (!now.masks.some((mask) => mask.layer_id !== "")) return null;
    return this.farm.edits(base, job, now, null).edits.length > 0;
  }

  /** The job's masks as they are; a renamed one is known by the keys it was given. */
  private async masksNow(
    at: LayerRef,
    job: Job,
    given: MaskFile,
    signal: AbortSignal,
  ): Promise<MasksNow> {
    return this.staged(`base-${job.id}`, given, signal, (token) =>
      this.context.host.call("readMasks", { at, job: job.id, token }),
    );
  }

  // --- masks

  /** Masks lie with After Effects under `token` while `work` is done, and not longer. */
  private async staged<T>(
    token: string,
    file: MaskFile,
    signal: AbortSignal,
    work: (token: string) => Promise<T>,
  ): Promise<T> {
    await this.stage(token, file, signal);
    try {
      return await work(token);
    } finally {
      await this.context.host.call("unstage", { token });
    }
  }

  private async stage(token: string, file: MaskFile, signal: AbortSignal): Promise<void> {
    const { masks, ...head } = file;
    const parts = pieces(masks);
    for (const [i, part] of parts.entries()) {
      if (signal.aborted) throw new PanelError("Stopped.", "The layer is as it was.", "stopped");
      this.context.doing("Handing masks to After Effects", i / parts.length);
      await this.context.host.call("stage", { token, masks: part, ...(i === 0 && { head }) });
    }
  }

  /** One undo group if After Effects can be kept that long, else one for each roto layer. */
  private async draw(
    at: LayerRef,
    token: string,
    job: Job,
    file: MaskFile,
    standing: Standing,
    signal: AbortSignal,
  ): Promise<void> {
    const groups = groupsOf(file.masks);
    let masks = 0;
    let keys = 0;
    for (const [i, { from, count: many }] of groups.entries()) {
      if (signal.aborted) {
        throw new PanelError("Stopped half-way.", "Undo takes away what was drawn so far.");
      }
      this.context.doing("Drawing masks", i / groups.length);
      const done = await this.context.host.call("applyMasks", {
        at,
        token,
        job: refOf(job),
        from,
        count: many,
        replace: standing.replace && i === 0,
      });
      masks += done.masks.length;
      keys += done.keys;
    }
    const undo = groups.length > 1 ? `${groups.length} undos take it back.` : ONE_UNDO;
    this.context.note(
      `${count(masks, "mask")} with ${count(keys, "key")} on the layer.`,
      `${standing.note} ${undo}`.trim(),
    );
  }

  /** Only stretches that were tracked again get new keys; the artist's own in them are spared. */
  private async update(
    at: LayerRef,
    token: string,
    job: Job,
    base: string,
    changed: { [layerId: string]: [number, number][] },
    signal: AbortSignal,
  ): Promise<void> {
    const client = this.context.farm;
    const sent = await this.farm.base(client, await client.job(base, { signal }), signal);
    const done = await this.staged(`base-${base}`, sent.masks, signal, (baseToken) => {
      this.context.doing("Putting new keys in");
      const call = { at, token, baseToken, job: refOf(job), base, changed };
      return this.context.host.call("updateMasks", call);
    });
    const masks = count(done.updated + done.rebuilt, "mask");
    const mine = done.spared ? `${count(done.spared, "key")} of yours in the stretch stayed. ` : "";
    this.context.note(`${masks} changed; all other keys stay as they were.`, mine + ONE_UNDO);
  }

  /** The job on the layer that `job` corrects; null where all of it has to be drawn. */
  private baseOf(job: Job): string | null {
    if (job.base_version === null || job.base_version === undefined || !job.changed) return null;
    const there = this.context.state.scene?.jobs ?? [];
    const found = there.find((one) => one.shot === job.shot_id && one.version === job.base_version);
    return found?.job ?? null;
  }

  private newestOnLayer(): JobRef {
    const jobs = [...(this.context.state.scene?.jobs ?? [])].sort((a, b) => b.version - a.version);
    const newest = jobs[0];
    if (newest) return newest;
    throw new PanelError(
      "The layer has no masks of a job.",
      "Apply a job's masks, then correct them.",
    );
  }

  private target(): LayerRef {
    const { scene } = this.context.state;
    const first = scene?.refusals[0];
    if (first) throw new PanelError(first.message, first.hint, first.code);
    if (scene?.layer) return scene.layer.ref;
    throw new PanelError("No layer is selected.", "Select the plate's layer.");
  }

  /** Beside the project, else with the artist's own files; shot and version get folders in it. */
  private folder(): string {
    const { files, state } = this.context;
    if (!files) {
      throw new PanelError("The panel may not write files here.", "Open it in After Effects.");
    }
    const project = state.scene?.projectPath;
    return files.join(project ? project.replace(/[\\/][^\\/]*$/, "") : files.home, "Megaton Roto");
  }

  private going(signal: AbortSignal, text = "Fetching masks") {
    return {
      signal,
      tell: (doing: Doing) => this.context.doing(doing.message || text, doing.fraction),
    };
  }
}

/** The farm's EXR mattes are alpha and nothing else: their luma is black. Others are grey. */
function matteMode(file: string): "alpha" | "luma" {
  return /\.exr$/i.test(file) ? "alpha" : "luma";
}

function refOf(job: Job): JobRef {
  return { job: job.id, shot: job.shot_id, version: job.version };
}

/** Masks in pieces of at most `PIECE` characters; a larger one is a piece of its own. */
export function pieces(masks: readonly MaskData[], most = PIECE): MaskData[][] {
  const found: MaskData[][] = [];
  let room = 0;
  for (const mask of masks) {
    const size = JSON.stringify(mask).length;
    if (found.length === 0 || size > room) {
      found.push([]);
      room = most;
    }
    found[found.length - 1]!.push(mask);
    room -= size;
  }
  return found.length > 0 ? found : [[]];
}

/** Runs of masks that are drawn in one call each. */
export function groupsOf(
  masks: readonly MaskData[],
  most = AT_ONCE,
): { from: number; count: number }[] {
  const vertices = masks.reduce((sum, one) => sum + weight(one), 0);
  if (vertices <= most) return [{ from: 0, count: masks.length }];
  const groups: { from: number; count: number }[] = [];
  for (const [i, mask] of masks.entries()) {
    const last = groups[groups.length - 1];
    if (last && masks[i - 1]!.layer_id === mask.layer_id) last.count++;
    else groups.push({ from: i, count: 1 });
  }
  return groups;
}

function weight(mask: MaskData): number {
  return mask.points.reduce((sum, row) => sum + row.length / 6, 0);
}
