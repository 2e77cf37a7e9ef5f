/**
 * The client against a real server, Redis and worker, which tests/hosts/aftereffects/test_client.py
 * starts and describes in ROTO_TEST_FARM. Without one there is nothing to test here.
 */

import { mkdtemp, readFile, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { MaskNow } from "../../contract/host";
import * as roto from "../src/index";

interface Scene {
  url: string;
  key: string;
  /** A plate the server may read, and the same in a folder it may not. */
  plate: string;
  elsewhere: string;
  prompt: roto.FramePrompt;
  frames: [number, number];
  width: number;
  height: number;
}

const told = process.env["ROTO_TEST_FARM"];
const scene = JSON.parse(told ?? "{}") as Scene;
const files = roto.nodeFiles(createRequire(import.meta.url));

function request(more: Partial<roto.SubmitRequest> = {}): roto.SubmitRequest {
  return {
    plate: scene.plate,
    project: "panel",
    objects: [{ name: "hero", prompts: [scene.prompt] }],
    engine: "flow",
    exports: [roto.MASK_FORMAT, "json"],
    layerTransform: "off",
    width: scene.width,
    height: scene.height,
    ...more,
  };
}

async function refused(call: Promise<unknown>): Promise<roto.RotoError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(roto.RotoError);
  return error as roto.RotoError;
}

function asNow(masks: readonly roto.Result["masks"][]): MaskNow[] {
  const extra = { foundBy: "name" as const, expansion: 0, eased: [] };
  return masks.flatMap((file) =>
    (file?.masks ?? []).map((mask, i) => ({ ...mask, ...extra, index: i + 1 })),
  );
}

describe.skipIf(told === undefined)("a real farm", { timeout: 200_000 }, () => {
  let client: roto.RotoClient;
  let result: roto.Result;
  let folder: string;
  beforeAll(async () => {
    client = new roto.RotoClient(scene.url, scene.key).with(roto.PATIENT);
    folder = await mkdtemp(join(tmpdir(), "roto-results-"));
  });

  it("takes a good key and no other; a wrong port says nothing", async () => {
    await client.probe();
    const wrong = new roto.RotoClient(scene.url, "roto_wrong");
    expect((await refused(wrong.probe())).kind).toBe("sign_in");
    const nowhere = new roto.RotoClient("http://127.0.0.1:9", scene.key);
    expect((await refused(nowhere.probe())).kind).toBe("unavailable");
  });

  it("shows the plate, previews a click, and refuses a frame there is not", async () => {
    const submitter = new roto.Submitter(client, { files });
    expect((await refused(submitter.prepare(request({ objects: [] })))).code).toBe("no_objects");
    const { shot, inPlace } = await submitter.look(request({ objects: [] }));
    expect(inPlace).toBe(true);
    expect((await submitter.prepare(request())).shot.id).toBe(shot.id);
    const picture = await client.frame(shot.id, scene.frames[0]);
    expect([...picture.bytes.subarray(0, 2)]).toEqual([0xff, 0xd8]);
    expect(picture.type).toBe("image/jpeg");
    expect((await refused(client.frame(shot.id, 1))).code).toBe("range_outside_plate");

    const objects = request().objects;
    const preview = await client.preview(shot.id, scene.prompt.frame, objects, { engine: "flow" });
    expect([preview.width, preview.height]).toEqual([scene.width, scene.height]);
    const png = Buffer.from(preview.objects[0]!.candidates[0]!.png, "base64");
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    const empty = await refused(client.preview(shot.id, scene.frames[1], objects));
    expect(empty.code).toBe("no_objects");
  });

  it("tracks a plate in place, once, whatever is pressed", async () => {
    const submitter = new roto.Submitter(client, { files });
    const key = roto.newKey();
    const submitted = await submitter.submit(request({ key }));
    const again = await submitter.submit(request({ key }));
    expect(again.job.id).toBe(submitted.job.id);
    expect(again.shot.id).toBe(submitted.shot.id);

    const seen: roto.Job[] = [];
    const names = new Set<string>();
    const gone: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const follower = new roto.Follower(
        () => client,
        {
          job(job, shot) {
            seen.push(job);
            names.add(shot);
            if (roto.hasEnded(job)) {
              follower.close();
              resolve();
            }
          },
          gone: (id) => gone.push(id),
          trouble: (error) => error && reject(error),
        },
        { pauseMs: 100 },
      );
      follower.follow([submitted.job.id, "0".repeat(32)]);
    });
    expect(gone).toEqual(["0".repeat(32)]);
    expect([...names]).toEqual(["plate"]);
    expect(roto.raiseUnlessSucceeded(seen[seen.length - 1]!).id).toBe(submitted.job.id);
    const newest = await client.newestMask(submitted.job.id, "hero");
    expect(newest.frame).toBeGreaterThanOrEqual(scene.frames[0]);
    expect(await client.log(submitted.job.id)).toContain("track");

    const options = { files, folder, mattes: true };
    result = await roto.fetchResult(client, submitted.job.id, options);
    const mattes = result.mattes["hero"]!;
    expect([mattes.first, mattes.last]).toEqual(scene.frames);
    const matte = await readFile(mattes.firstFile);
    expect(matte.readUInt32LE(0)).toBe(20000630); // An OpenEXR file.
    const written = (await stat(mattes.firstFile)).mtimeMs;
    await roto.fetchResult(client, submitted.job.id, options);
    expect((await stat(mattes.firstFile)).mtimeMs).toBe(written);

    const layer = result.document!.layers[0]!;
    expect(result.masks!.masks.map((mask) => mask.shape_id)).toEqual(layer.shapes.map((s) => s.id));
    expect(new Set(result.masks!.masks.map((mask) => mask.layer_id))).toEqual(new Set([layer.id]));
    expect(roto.objectNames(result.job)).toEqual({ [layer.id]: "hero" });
    expect(layer.transform).toBeNull();
  });

  it("refuses to correct what nobody touched, and a version that is not the latest", async () => {
    const given = result.masks!;
    const objects = roto.objectNames(result.job);
    const document = result.document!;
    const same = roto.editsFrom({ document, given, now: asNow([given]), objects });
    expect(same).toEqual({ edits: [], notes: [] });
    const correction = { baseVersion: result.job.version, edits: same.edits };
    await expect(async () => client.correct(result.shot.id, correction)).rejects.toThrow(
      /Nothing differs/,
    );

    const edits = roto.promptEdits([{ name: "hero", prompts: [scene.prompt] }]);
    const stale = client.correct(result.shot.id, { baseVersion: 99, edits });
    expect((await refused(stale)).kind).toMatch(/conflict|not_found|input/);
  });

  it("corrects from a moved mask: only the stretch changes", async () => {
    const given = result.masks!;
    const document = result.document!;
    const now = asNow([given]);
    // The shape with most keys, on its last key: the artist pulls it 6 pixels aside.
    const mask = now.reduce((one, other) =>
      other.frames.length > one.frames.length ? other : one,
    );
    const at = mask.frames.length - 1;
    mask.points = mask.points.map((row, i) =>
      i === at ? row.map((value, j) => (j % 6 === 0 ? value + 6 : value)) : row,
    );
    const objects = roto.objectNames(result.job);
    const { edits } = roto.editsFrom({ document, given, now, objects });
    expect(edits[0]).toMatchObject({ object: "hero", frames: [mask.frames[at]] });

    const job = await client.correct(result.shot.id, { baseVersion: result.job.version, edits });
    const ended = await roto.jobEnded(client, job.id);
    const corrected = await roto.fetchResult(client, ended.id, { files, folder, mattes: true });
    const layer = document.layers[0]!;
    const stretches = corrected.changed![layer.id]!;
    expect(stretches.some(([a, b]) => a <= mask.frames[at]! && mask.frames[at]! <= b)).toBe(true);
    expect(corrected.folder).not.toBe(result.folder);

    const outside = (frame: number): boolean => stretches.every(([a, b]) => frame < a || frame > b);
    let compared = 0;
    for (const shape of corrected.document!.layers[0]!.shapes) {
      const was = layer.shapes.find((one) => one.id === shape.id);
      for (const key of shape.keys.filter((one) => outside(one.frame))) {
        const before = was?.keys.find((one) => one.frame === key.frame);
        expect(key.points).toEqual(before?.points);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(0);
    const late = client.correct(result.shot.id, { baseVersion: result.job.version, edits });
    expect((await refused(late)).kind).toBe("conflict");
  });

  it("has masks written of a version that has none", async () => {
    const plain = await new roto.Submitter(client, { files }).submit(
      request({ exports: ["json"], shot: "plain" }),
    );
    await roto.jobEnded(client, plain.job.id);
    const { document, masks } = await roto.shapesOf(client, plain.shot.id, 1);
    expect(masks!.masks.length).toBe(document!.layers[0]!.shapes.length);
    const jobs = (await client.jobs({ shotId: plain.shot.id })).length;
    await roto.shapesOf(client, plain.shot.id, 1);
    expect((await client.jobs({ shotId: plain.shot.id })).length).toBe(jobs);
  });

  it("sends a plate the server may not read, and finds it again", async () => {
    const notes = roto.memoryNotes();
    const said: string[] = [];
    const stages = new Set<string>();
    const options = {
      files,
      notes,
      say: (text: string) => void said.push(text),
      watch: (doing: roto.Doing) => void stages.add(doing.stage),
    };
    const elsewhere = request({ plate: scene.elsewhere, project: "sent" });
    const only = request({ plate: scene.elsewhere, project: "sent", transfer: "path" });
    expect((await refused(new roto.Submitter(client, options).prepare(only))).kind).toBe(
      "path_refused",
    );
    const first = await new roto.Submitter(client, options).prepare(elsewhere);
    expect(first.inPlace).toBe(false);
    expect([...stages]).toEqual(expect.arrayContaining(["hashing", "uploading"]));
    const second = await new roto.Submitter(client, options).prepare(elsewhere);
    expect(second.shot.id).toBe(first.shot.id);
    expect(said).toContain("The server has these files already.");
    expect(second.shot.frame_range).toEqual(scene.frames);
  });

  it("goes on with an upload that was stopped", async () => {
    const notes = roto.memoryNotes();
    const project = await new roto.Submitter(client).project("halves");
    const plate = await roto.findPlate(files, scene.elsewhere);
    const going = new AbortController();
    const arrived: number[] = [];
    const watch = (doing: roto.Doing): void => {
      if (doing.stage === "uploading") {
        arrived.push(doing.done);
        if (doing.fraction > 0.5) {
          going.abort();
        }
      }
    };
    const half = new roto.Uploader(client.transport, files, notes, {
      watch,
      signal: going.signal,
      piece: 5000,
    });
    const found = await half.lookAt(plate.files());
    expect((await refused(half.send(project.id, found))).kind).toBe("stopped");
    const rest: number[] = [];
    const whole = new roto.Uploader(client.transport, files, notes, {
      watch: (doing) => void rest.push(doing.done),
    });
    const upload = await whole.send(project.id, found);
    expect(upload.state).toBe("complete");
    expect(rest[0]!).toBeGreaterThan(Math.max(...arrived));
  });

  it("says what is wrong with a plate, and that a job was cancelled", async () => {
    const wrong = request({ width: 80, height: 60 });
    expect((await refused(new roto.Submitter(client, { files }).prepare(wrong))).code).toBe(
      "bad_plate",
    );
    const far = request({ frameRange: [scene.frames[0], scene.frames[1] + 50] });
    const refusal = await refused(new roto.Submitter(client, { files }).prepare(far));
    expect(refusal.code).toBe("range_outside_plate");
    const { job } = await new roto.Submitter(client, { files }).submit(request());
    await client.cancel(job.id);
    const ended = await refused(roto.jobEnded(client, job.id));
    expect(ended.kind).toBe("job");
    expect((await client.retry(job.id)).state).toMatch(/queued|running/);
    await client.cancel(job.id);
  });
});
