/**
 * Masks through the panel's host code in After Effects' stand-in and back: what nobody touched is
 * no correction, and one moved key is one. tests/hosts/aftereffects/test_client.py builds the host
 * code and writes the documents; without them there is nothing to test here.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HostCallName, HostInput, HostValue, MaskFile, MasksNow } from "../../contract/host";
import { callScript, readReply } from "../../contract/script";
import type { RotoDocument } from "../src/document";
import { editsFrom } from "../src/edits";

interface Scene {
  host: string;
  session: string;
  documents: string;
}

const told = process.env["ROTO_TEST_HOST"];
const scene = JSON.parse(told ?? "{}") as Scene;
const names = told === undefined ? [] : readdirSync(scene.documents).sort();

/** After Effects' stand-in, one JSON object a line. */
class Session {
  private readonly process: ChildProcess;
  private readonly lines: Interface;
  private readonly waiting: ((line: string) => void)[] = [];

  constructor() {
    this.process = spawn(process.execPath, ["--expose-internals", scene.session]);
    this.lines = createInterface({ input: this.process.stdout! });
    this.lines.on("line", (line) => this.waiting.shift()?.(line));
  }

  async ask(order: Record<string, unknown>): Promise<string> {
    const line = await new Promise<string>((resolve) => {
      this.waiting.push(resolve);
      this.process.stdin!.write(`${JSON.stringify(order)}\n`);
    });
    const answer = JSON.parse(line) as { result: string; error?: string };
    expect(answer.error).toBeUndefined();
    return answer.result;
  }

  async call<N extends HostCallName>(name: N, input: HostInput<N>): Promise<HostValue<N>> {
    return readReply(name, await this.ask({ eval: callScript(name, input) }));
  }

  close(): void {
    this.lines.close();
    this.process.kill();
  }
}

describe.skipIf(told === undefined)("through the host", { timeout: 60_000 }, () => {
  let session: Session;
  beforeAll(async () => {
    session = new Session();
    await session.ask({ load: scene.host });
  });
  afterAll(() => session.close());

  /** Applied to a new layer of the document's plate; the masks as they are there then. */
  async function applied(name: string, document: RotoDocument, given: MaskFile): Promise<MasksNow> {
    const [first, last] = document.frame_range;
    const file = `/plates/${name}.${String(first).padStart(4, "0")}.exr`;
    const fps = document.fps[0] / document.fps[1];
    const { width, height } = document;
    await session.ask({
      footage: { [file]: { width, height, frames: last - first + 1, fps, movie: false } },
    });
    const script = `
      var options = new ImportOptions(new File("${file}"));
      options.sequence = true;
      var plate = app.project.importFile(options);
      plate.mainSource.conformFrameRate = ${fps};
      var comp = app.project.items.addComp("c", plate.width, plate.height, 1, plate.duration, ${fps});
      var layer = comp.layers.add(plate);
      comp.openInViewer();
      layer.selected = true;`;
    await session.ask({ eval: script, artist: true });
    expect((await session.call("describe", {})).refusals).toEqual([]);
    const { masks, ...head } = given;
    await session.call("stage", { token: name, head, masks });
    const job = { job: name, shot: "s", version: 1 };
    await session.call("applyMasks", { token: name, job });
    return session.call("readMasks", { token: name, job: name });
  }

  it.each(names)("%s", async (name) => {
    const read = (file: string): string => readFileSync(join(scene.documents, name, file), "utf8");
    const document = JSON.parse(read("document.json")) as RotoDocument;
    const given = JSON.parse(read("masks.json")) as MaskFile;
    const objects = Object.fromEntries(document.layers.map((layer) => [layer.id, layer.name]));
    const before = await applied(name, document, given);
    expect(before.missing).toEqual([]);
    const same = editsFrom({ document, given, now: before.masks, objects });
    expect(same).toEqual({ edits: [], notes: [] });

    const script = `
      var mask = app.project.activeItem.layer(1).property("ADBE Mask Parade").property(1);
      var path = mask.property("ADBE Mask Shape");
      var shape = path.numKeys ? path.keyValue(1) : path.value;
      var vertices = shape.vertices;
      vertices[0][0] += 5;
      shape.vertices = vertices;
      if (path.numKeys) { path.setValueAtKey(1, shape); } else { path.setValue(shape); }`;
    await session.ask({ eval: script, artist: true });
    const after = await session.call("readMasks", { token: name, job: name });
    const { edits } = editsFrom({ document, given, now: after.masks, objects });
    const touched = given.masks[0]!;
    const frame = Math.max(touched.frames[0]!, document.frame_range[0]);
    expect(edits).toHaveLength(1);
    expect(edits[0]).toMatchObject({ object: touched.layer, frames: [frame] });
  });
});
