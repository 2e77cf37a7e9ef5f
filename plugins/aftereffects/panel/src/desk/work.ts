/** What the artist asks of the farm: a preview while he clicks, and the job. */

import { asRotoError } from "../../../client/src/errors";
import type { Doing, ObjectPrompts, SubmitRequest } from "../../../client/src/types";
import type { PlateInfo } from "../../../contract/host";
import { tinted } from "../canvas/tint";
import { isQuiet, PanelError } from "../errors";
import { framesFromText, objectPrompts } from "../model/request";
import { megabytes } from "../words";
import type { Context } from "./context";
import type { Farm, Wish } from "./farm";
import type { Jobs } from "./jobs";
import type { Plate } from "./plate";
import type { PreviewMask } from "./state";

const REST = 120;
const OTHER: readonly [number, number, number] = [0.85, 0.85, 0.85];
const SENDING: Record<string, string> = {
  hashing: "Looking at the plate",
  uploading: "Sending the plate",
  ingest: "The farm reads the plate",
};

export type Tint = typeof tinted;

export class Work {
  private timer: ReturnType<typeof setTimeout> | null = null;
  private asked: AbortController | null = null;
  private readonly view = `panel-${Math.random().toString(36).slice(2)}`;
  /** Object -> which of its candidates the artist wants to see. */
  private picks = new Map<string, number>();

  constructor(
    private readonly context: Context,
    private readonly farm: Farm,
    private readonly plate: Plate,
    private readonly jobs: Jobs,
    private readonly tint: Tint = tinted,
  ) {}

  /**
   * Something was said on a frame: a preview follows after a moment, if the plate is at the farm.
   */
  said(): void {
    this.picks.clear();
    const { choices, shotId, previewed, server } = this.context.state;
    if (previewed) this.context.store.patch({ previewed: null });
    if (!choices.live || !shotId || server.status !== "ready") return;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.preview(true), REST);
  }

  /** The masks of what is said on this frame. `quiet`: nothing said is no error. */
  async preview(quiet = false): Promise<void> {
    this.asked?.abort();
    const asked = new AbortController();
    this.asked = asked;
    this.context.store.patch({ previewing: true });
    try {
      await this.show(asked.signal);
    } catch (error) {
      const nothing = asRotoError(error).code === "no_objects";
      if (!asked.signal.aborted && !isQuiet(error) && !(quiet && nothing)) {
        this.context.complain(error);
      }
    } finally {
      if (this.asked === asked) this.context.store.patch({ previewing: false });
    }
  }

  /** The next best mask of an object; it is drawn from the same answer of the farm. */
  async otherMask(object: string): Promise<void> {
    this.picks.set(object, (this.picks.get(object) ?? 0) + 1);
    await this.preview();
  }

  /** Has the farm read the plate, so that frames and previews can be had before any job. */
  async sendPlate(): Promise<void> {
    await this.context.busy("Sending the plate", async (signal) => {
      const request = this.request([]);
      const going = { signal, tell: (doing: Doing) => this.tell(doing) };
      const shot = await this.farm.prepare(this.context.farm, this.wish(request), going);
      await this.plate.hasShot(shot.id);
    });
  }

  async submit(): Promise<void> {
    await this.context.busy("Submitting", async (signal) => {
      const { history, native, choices } = this.context.state;
      await this.plate.keep();
      const request = this.request(objectPrompts(history.present, native));
      const going = { signal, tell: (doing: Doing) => this.tell(doing) };
      const job = await this.farm.submit(this.context.farm, this.wish(request), going);
      this.context.memory.keep({ choices });
      await this.plate.hasShot(job.shot_id);
      await this.jobs.add(job);
      this.context.note(
        `Version ${job.version} is on its way.`,
        "You can go on working meanwhile.",
      );
    });
  }

  private wish(request: SubmitRequest): Wish {
    return { request, pathRules: this.context.state.choices.pathRules };
  }

  /** Everything the farm needs. Throws PanelError for a layer that cannot be used. */
  request(objects: ObjectPrompts[]): SubmitRequest {
    const { scene, choices } = this.context.state;
    const plate = usable(scene?.plate ?? null, scene?.refusals ?? []);
    const { outputs } = choices;
    if (outputs.length === 0) {
      throw new PanelError("Nothing is asked for.", "Tick shapes, mattes, or both.");
    }
    const range = framesFromText(choices.frames) ?? scene?.shown ?? undefined;
    return {
      plate: plate.path,
      ...(plate.kind === "movie" && { firstFrame: plate.firstFrame }),
      objects,
      project: choices.project.trim() || "default",
      ...(choices.shot.trim() && { shot: choices.shot.trim() }),
      ...(range && { frameRange: range }),
      outputs: [...outputs],
      exports: outputs.includes("shapes") ? ["aftereffects-data", "json"] : [],
      // Masks know no layer transform, so shapes carry all motion.
      layerTransform: "off",
      engine: choices.engine,
      ...(choices.outlines && { tolerance: Number(choices.outlines) }),
      priority: choices.priority,
      transfer: choices.transfer,
      width: plate.width,
      height: plate.height,
    };
  }

  private async show(signal: AbortSignal): Promise<void> {
    const { frame, shotId, history, native } = this.context.state;
    if (frame === null) throw new PanelError("No frame is shown.", "Select the plate's layer.");
    if (!shotId) {
      throw new PanelError("The farm does not have the plate yet.", "Press Send the plate first.");
    }
    const objects = objectPrompts(history.present, native);
    const options = { engine: this.context.state.choices.engine, clientKey: this.view, signal };
    const answer = await this.context.farm.preview(shotId, frame, objects, options);
    const masks: PreviewMask[] = [];
    for (const { name, candidates } of answer.objects ?? []) {
      if (candidates.length === 0) continue;
      const candidate = (this.picks.get(name) ?? 0) % candidates.length;
      const shown = candidates[candidate]!;
      const color = history.present.objects.find((one) => one.name === name)?.color ?? OTHER;
      const image = await this.tint(pngOf(shown.png), color);
      masks.push({
        object: name,
        image,
        score: shown.score,
        candidate,
        candidates: candidates.length,
      });
    }
    if (!signal.aborted) this.context.store.patch({ previewed: { frame, masks } });
  }

  private tell(doing: Doing): void {
    const what = SENDING[doing.stage] ?? doing.message ?? doing.stage;
    const bytes = doing.stage === "hashing" || doing.stage === "uploading";
    const amount = bytes
      ? `${megabytes(doing.done)} of ${megabytes(doing.total)} MB`
      : `${doing.done} of ${doing.total} frames`;
    this.context.doing(doing.total ? `${what}: ${amount}` : what, doing.fraction);
  }
}

/** Throws PanelError for a plate that is none, with the first thing that stands in the way. */
function usable(
  plate: PlateInfo | null,
  refusals: readonly { code: string; message: string; hint: string }[],
): PlateInfo {
  const first = refusals[0];
  if (first) throw new PanelError(first.message, first.hint, first.code);
  if (plate) return plate;
  throw new PanelError("No plate is selected.", "Select one layer whose source is the plate.");
}

function pngOf(base64: string): Blob {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}
