/** The desk with an After Effects and a farm that are played: what it asks of them, and when. */

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { RotoClient } from "../../client/src/client";
import { RotoError } from "../../client/src/errors";
import { sleep } from "../../client/src/retry";
import { Keys } from "../../client/src/keys";
import type { Edits } from "../../client/src/edits";
import type { Edit, Job, ObjectPrompts } from "../../client/src/types";
import type { MaskData, Scene } from "../../contract/host";
import { HostError } from "../../contract/script";
import { Desk } from "../src/desk/desk";
import type { LocalFiles } from "../src/desk/context";
import type { Farm } from "../src/desk/farm";
import { Memory } from "../src/desk/memory";
import { isSamePath } from "../src/desk/plate";
import { wholePng } from "../src/desk/pictures";
import { groupsOf, pieces } from "../src/desk/results";
import * as prompts from "../src/model/prompts";

const SCENE: Scene = {
  version: "24.6",
  contract: 1,
  projectPath: "/show/shot.aep",
  projectName: "shot.aep",
  comp: { id: 1, name: "c", width: 200, height: 100, pixelAspect: 1, fps: 24 },
  layer: { ref: { comp: 1, layer: 5 }, name: "plate", index: 1 },
  plate: {
    kind: "sequence",
    path: "/mnt/plate.####.exr",
    file: "/mnt/plate.1001.exr",
    firstFrame: 1001,
    lastFrame: 1010,
    width: 200,
    height: 100,
    pixelAspect: 1,
    fps: 24,
    missing: false,
    proxy: null,
  },
  frame: 1001,
  shown: [1001, 1010],
  refusals: [],
  notes: [],
  jobs: [],
};
const MASK: MaskData = {
  name: "hero 1",
  layer: "hero",
  layer_id: "L",
  shape_id: "S",
  mode: "add",
  inverted: false,
  closed: true,
  color: [1, 0, 0],
  motion_blur: false,
  feather: 0,
  opacity: 100,
  frames: [1001],
  hold: [],
  points: [[0, 0, 0, 0, 0, 0]],
};

function job(fields: Partial<Job> = {}): Job {
  return {
    id: "j1",
    shot_id: "s1",
    kind: "roto",
    state: "succeeded",
    version: 1,
    progress: {},
    params: { objects: [{ id: "o", name: "hero" }] },
    ...fields,
  } as Job;
}

/** Everything the desk was made with, and what it asked. */
function played(memory = new Map<string, unknown>()) {
  const asked: [string, Record<string, unknown>][] = [];
  const scene = { now: SCENE, selected: SCENE };
  const masksNow: MaskData[] = [];
  const refused = new Map<string, HostError>();
  const answers: Record<string, (input: never) => unknown> = {
    describe: ({ at }: { at?: { layer: number } }) =>
      at && at.layer === SCENE.layer!.ref.layer ? scene.selected : scene.now,
    remember: ({ key, value, at }: { key: string; value: unknown; at: { layer: number } }) =>
      memory.set(`${at.layer} ${key}`, value),
    recall: ({ key, at }: { key: string; at: { layer: number } }) =>
      memory.get(`${at.layer} ${key}`) ?? null,
    goTo: ({ frame }: { frame: number }) => ({ frame }),
    stage: () => ({ masks: 1 }),
    unstage: () => ({ masks: 0 }),
    applyMasks: () => ({ masks: [MASK], keys: 1, removed: 0, ms: 1 }),
    updateMasks: () => ({ updated: 1, keys: 2, rebuilt: 0, removed: 0, spared: 3, ms: 1 }),
    readMasks: () => ({
      job: null,
      width: 200,
      height: 100,
      masks: masksNow,
      missing: [],
      notes: [],
    }),
  };
  const host = {
    call: async (name: string, input: unknown) => {
      asked.push([name, input as Record<string, unknown>]);
      const error = refused.get(name);
      if (error) throw error;
      return answers[name]!(input as never);
    },
  };
  const device = {
    answers: [] as (string | RotoError)[],
    asked: [] as unknown[],
    pages: [] as string[],
    /** A code, then what `answers` says of it: a key, or an error. */
    json: vi.fn(async (_: string, path: string, call: { body: unknown }) => {
      device.asked.push(call.body);
      if (path === "/auth/device") {
        return {
          device_code: "secret",
          user_code: "BCDF-GHJK",
          verification_url: "http://farm/device",
          verification_url_complete: "http://farm/device?code=BCDF-GHJK",
          expires_in: 600,
          interval: 5,
        };
      }
      const answer = device.answers.shift() ?? new RotoError("", { code: "authorization_pending" });
      if (answer instanceof RotoError) throw answer;
      return { api_key: answer };
    }),
  };
  const transport = { server: "http://farm", json: device.json, sleep, with: () => transport };
  const made: string[] = [];
  const client = {
    server: "http://farm",
    transport,
    probe: vi.fn(async () => undefined),
    jobs: vi.fn(async (): Promise<Job[]> => []),
    job: vi.fn(async () => job()),
    shot: vi.fn(async () => ({ id: "s1", name: "plate", state: "ready" })),
    masks: vi.fn(async () => []),
    correct: vi.fn(async (..._: unknown[]) => job({ id: "j2", version: 2 })),
    frame: vi.fn(async (_: string, frame: number) => ({
      frame,
      bytes: new Uint8Array(),
      type: "",
    })),
    preview: vi.fn(async (_: string, frame: number, said: ObjectPrompts[]) => {
      if (!said.some((one) => one.prompts.some((each) => each.frame === frame))) {
        throw new RotoError("Nothing is prompted.", { code: "no_objects" });
      }
      return { objects: [{ name: "object1", candidates: [{ png: "", score: 0.9, box: null }] }] };
    }),
  };
  const result = {
    masks: { masks: [MASK] } as never,
    changed: null as never,
    mattes: {} as Record<string, unknown>,
  };
  const farm = {
    prepare: vi.fn(async () => ({ id: "s1" })),
    submit: vi.fn(async (..._: unknown[]) => job({ state: "queued" })),
    result: vi.fn(async (..._: unknown[]) => result),
    base: vi.fn(async () => ({ document: {}, masks: { first_frame: 1001, masks: [MASK] } })),
    edits: vi.fn((): Edits => ({ edits: [{ object: "hero" } as Edit], notes: ["a note"] })),
  };
  const kept = new Map<string, string>();
  const storage = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => void kept.set(name, text),
  };
  const withFiles = (files: LocalFiles | null): Desk =>
    new Desk({
      host: host as never,
      farm: farm as unknown as Farm,
      memory: new Memory(storage),
      keys: new Keys(),
      files,
      browser: { open: (url) => device.pages.push(url) > 0, name: "After Effects on ws042" },
      make: (_, token) => {
        made.push(token);
        return client as unknown as RotoClient;
      },
      decode: async () => ({}) as CanvasImageSource,
      tint: async () => ({}) as HTMLCanvasElement,
    });
  const desk = withFiles(null);
  const calls = (name: string) => asked.filter(([each]) => each === name).map(([, input]) => input);
  return {
    desk,
    asked,
    calls,
    client,
    device,
    made,
    farm,
    memory,
    scene,
    refused,
    result,
    storage,
    masksNow,
    answers,
    withFiles,
  };
}

let table: ReturnType<typeof played>;
beforeEach(async () => {
  vi.useFakeTimers();
  table = played();
  await table.desk.look();
});
afterEach(() => {
  table.desk.close();
  vi.useRealTimers();
});

async function connected(): Promise<void> {
  await table.desk.server.connect("http://farm", "key");
  await vi.advanceTimersByTimeAsync(0);
}

function click(): void {
  table.desk.sayHere((all, id, frame) =>
    prompts.addClick(all, id, frame, { x: 5, y: 6, positive: true }),
  );
}

const state = () => table.desk.store.get();

describe("the server", () => {
  it("is kept once it takes the key, and tried again by itself", async () => {
    await connected();
    expect(state().server.status).toBe("ready");
    const again = new Memory(table.storage).recall();
    expect([again.server, again.token]).toEqual(["http://farm", "key"]);
  });

  it("is looked for while it is away, and found", async () => {
    table.client.probe.mockRejectedValueOnce(new RotoError("away", { kind: "unavailable" }));
    await connected();
    expect(state().server.status).toBe("offline");
    await vi.advanceTimersByTimeAsync(2500);
    expect(state().server.status).toBe("ready");
  });

  it("that refuses the key is not asked again and again", async () => {
    table.client.probe.mockRejectedValue(new RotoError("no", { kind: "sign_in" }));
    await connected();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state().server.status).toBe("refused");
    expect(table.client.probe).toHaveBeenCalledTimes(1);
    expect(new Memory(table.storage).recall().token).toBe("");
  });
});

describe("signing in with the browser", () => {
  const begun = async (): Promise<void> => {
    void table.desk.server.signIn("http://farm/");
    await vi.advanceTimersByTimeAsync(0);
  };
  const kept = () => new Memory(table.storage).recall();

  it("shows a code, opens the page, and keeps the key once it is approved", async () => {
    await begun();
    expect(state().signIn).toEqual({
      code: "BCDF-GHJK",
      address: "http://farm/device",
      ends: Date.now() + 600_000,
    });
    expect(table.device.pages).toEqual(["http://farm/device?code=BCDF-GHJK"]);
    expect(table.device.asked).toEqual([{ client: "After Effects on ws042" }]);
    table.desk.server.openPage();
    expect(table.device.pages).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(12_000);
    expect(table.device.asked.slice(1)).toEqual(Array(2).fill({ device_code: "secret" }));
    table.device.answers.push("roto_new");
    await vi.advanceTimersByTimeAsync(5_000);
    expect(state().server.status).toBe("ready");
    expect(state().signIn).toBeNull();
    expect(table.made).toEqual(["", "roto_new"]);
    expect([kept().server, kept().token]).toEqual(["http://farm", "roto_new"]);
  });

  it("says why it came to nothing, and keeps nothing", async () => {
    table.device.answers.push(new RotoError("It was refused.", { code: "access_denied" }));
    await begun();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(state().notice).toMatchObject({ level: "error", message: "It was refused." });
    expect(state().signIn).toBeNull();
    expect(kept().token).toBe("");
  });

  it("is stopped without a word, also as the approval comes", async () => {
    await begun();
    table.device.answers.push("roto_new");
    table.desk.server.stopSignIn();
    await vi.advanceTimersByTimeAsync(60_000);
    expect([state().signIn, state().notice]).toEqual([null, null]);
    expect(table.device.asked).toHaveLength(1);
    let answer: (key: unknown) => void = () => undefined;
    await begun();
    table.device.json.mockImplementationOnce(() => new Promise((done) => (answer = done as never)));
    await vi.advanceTimersByTimeAsync(5_000);
    table.desk.server.stopSignIn();
    answer({ api_key: "roto_late" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state().server.status).toBe("signed_out");
    expect(kept().token).toBe("");
  });

  it("ends with what else is done about the server", async () => {
    for (const other of ["connect", "signOut", "close", "signIn"] as const) {
      await begun();
      const before = table.device.asked.length;
      if (other === "connect") await connected();
      else void table.desk.server[other]("http://farm");
      if (other !== "signIn") expect(state().signIn).toBeNull();
      await vi.advanceTimersByTimeAsync(5_500);
      const polls = table.device.asked.slice(before).filter((one) => "device_code" in (one as {}));
      expect(polls).toHaveLength(other === "signIn" ? 1 : 0);
    }
  });

  it("leaves the server alone that the panel is at", async () => {
    await connected();
    table.device.json.mockRejectedValueOnce(new RotoError("away", { kind: "unavailable" }));
    await begun();
    expect(state().notice?.message).toBe("away");
    expect(state().server.status).toBe("ready");
  });
});

describe("a server that asks for patience", () => {
  const busy = (code: string): RotoError =>
    new RotoError("Not now.", { code, detail: { retry_after_ms: 30_000 } });

  it("is not taken for one that is away", async () => {
    await connected();
    table.client.jobs.mockRejectedValueOnce(busy("maintenance"));
    await table.desk.refreshJobs();
    expect(state().notice).toMatchObject({ level: "error", message: "Not now." });
    expect(state().notice!.hint).toMatch(/Jobs at the farm go on/);
    expect(state().server.status).toBe("ready");
  });

  it("is left alone as long as it says, at the start and while jobs are followed", async () => {
    table.client.probe.mockRejectedValueOnce(busy("rate_limited"));
    await connected();
    expect(state().server.status).toBe("offline");
    await vi.advanceTimersByTimeAsync(29_000);
    expect(table.client.probe).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(state().server.status).toBe("ready");

    const running = job({ state: "running", params: {} });
    table.client.jobs.mockResolvedValueOnce([running]);
    table.client.job.mockResolvedValue(running);
    await table.desk.refreshJobs();
    await vi.advanceTimersByTimeAsync(10);
    table.client.job.mockRejectedValueOnce(busy("rate_limited"));
    await vi.advanceTimersByTimeAsync(1_500);
    const asked = table.client.job.mock.calls.length;
    await vi.advanceTimersByTimeAsync(28_000);
    expect(table.client.job).toHaveBeenCalledTimes(asked);
    expect(state().server.status).toBe("ready");
    await vi.advanceTimersByTimeAsync(3_000);
    expect(table.client.job.mock.calls.length).toBeGreaterThan(asked);
  });
});

describe("prompts", () => {
  it("make an object where there is none, and lie with the layer after a rest", async () => {
    click();
    expect(state().history.present.objects.map((one) => one.name)).toEqual(["object1"]);
    expect(table.calls("remember")).toEqual([]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(table.calls("remember").map((one) => one["key"])).toEqual(["prompts"]);
  });

  it("stay with their layer when another is selected, and come back", async () => {
    click();
    table.scene.now = { ...SCENE, layer: { ...SCENE.layer!, ref: { comp: 1, layer: 9 } } };
    await table.desk.look();
    expect(state().history.present).toEqual(prompts.NOTHING);
    expect(table.memory.has("9 prompts")).toBe(false);
    table.scene.now = SCENE;
    await table.desk.look();
    expect(state().history.present.objects[0]!.prompts[0]!.points[0]).toEqual({
      x: 5,
      y: 6,
      positive: true,
    });
  });

  it("of one project are not written into another that counts its layers the same", async () => {
    click();
    table.scene.now = { ...SCENE, projectPath: "/show/other.aep" };
    await table.desk.look();
    await vi.advanceTimersByTimeAsync(1000);
    expect(state().history.present).toEqual(prompts.NOTHING);
    expect(table.calls("remember")).toEqual([]);
  });

  it("stay in sight while nothing is selected, until the layer is gone", async () => {
    click();
    const none = { code: "no_layer", message: "No layer is selected.", hint: "Select one." };
    const nothing = { ...SCENE, layer: null, plate: null, frame: null, refusals: [none as never] };
    table.scene.now = nothing;
    await table.desk.look();
    expect(state().scene!.layer).toEqual(SCENE.layer);
    expect(state().history.present.objects).toHaveLength(1);
    table.scene.selected = nothing;
    await table.desk.look();
    expect(state().scene!.refusals).toEqual([none]);
    expect(state().frame).toBeNull();
  });

  it("are shown as a mask after a click once the farm has the plate; only then", async () => {
    await connected();
    click();
    await vi.advanceTimersByTimeAsync(500);
    expect(table.client.preview).not.toHaveBeenCalled();
    await table.desk.sendPlate();
    await vi.advanceTimersByTimeAsync(500);
    expect(table.client.preview).toHaveBeenCalledTimes(1);
    expect(state().previewed).toMatchObject({ frame: 1001, masks: [{ object: "object1" }] });
    click();
    expect(state().previewed).toBeNull();
  });

  it("are looked at again when the artist comes back to their frame", async () => {
    await connected();
    click();
    await table.desk.sendPlate();
    await vi.advanceTimersByTimeAsync(500);
    table.scene.now = { ...SCENE, frame: 1002 };
    await table.desk.look();
    await vi.advanceTimersByTimeAsync(500);
    expect(state().previewed).toBeNull();
    table.scene.now = SCENE;
    await table.desk.look();
    await vi.advanceTimersByTimeAsync(500);
    expect(state().previewed).toMatchObject({ frame: 1001 });
    expect(state().notice).toBeNull();
  });

  it("of a name and range chosen for one plate are not taken for the next", async () => {
    table.desk.choices({ shot: "sh010", frames: "1002-1004", project: "show" });
    const plate = { ...SCENE.plate!, path: "/mnt/other.####.exr" };
    table.scene.now = { ...SCENE, plate, layer: { ...SCENE.layer!, ref: { comp: 1, layer: 9 } } };
    await table.desk.look();
    expect(state().choices).toMatchObject({ shot: "", frames: "", project: "show" });
  });

  it("of a name that cannot be change nothing, and say why", () => {
    table.desk.addObject();
    const before = state().history;
    table.desk.say((all) => prompts.renameObject(all, all.chosen!, "a/b"));
    expect(state().history).toBe(before);
    expect(state().notice).toMatchObject({ level: "error" });
  });
});

describe("a job", () => {
  it("asks for masks without a layer transform on the frames the layer shows", async () => {
    await connected();
    click();
    table.desk.choices({ outlines: "0.25" });
    await table.desk.submit();
    const [, wish] = table.farm.submit.mock.calls[0]! as unknown as [unknown, { request: object }];
    expect(wish.request).toMatchObject({
      plate: "/mnt/plate.####.exr",
      frameRange: [1001, 1010],
      layerTransform: "off",
      tolerance: 0.25,
      exports: ["aftereffects-data", "json"],
      width: 200,
      height: 100,
    });
    expect(state().chosenJob).toBe("j1");
    expect(state().shotId).toBe("s1");
  });

  it("is not made of a layer that would come out wrong", async () => {
    const refusal = { code: "time_remap", message: "Time is remapped.", hint: "Switch it off." };
    table.scene.now = { ...SCENE, refusals: [refusal as never] };
    await table.desk.look();
    await connected();
    click();
    await table.desk.submit();
    expect(table.farm.submit).not.toHaveBeenCalled();
    expect(state().notice).toMatchObject({ message: "Time is remapped.", hint: "Switch it off." });
  });

  it("is found again on another machine, behind however many newer ones", async () => {
    await connected();
    click();
    await table.desk.submit();
    expect(table.memory.get("5 jobs")).toEqual(["j1"]);
    expect(table.memory.get("5 shot")).toMatchObject({ shot: "s1" });
    table.desk.close();
    const there = played(table.memory);
    const plate = { ...SCENE.plate!, path: "Z:\\mnt\\plate.####.exr" };
    there.scene.now = { ...SCENE, plate };
    there.client.jobs.mockResolvedValue([job({ id: "newer" })]);
    await there.desk.look();
    await there.desk.server.connect("http://farm", "key");
    await vi.advanceTimersByTimeAsync(100);
    const now = there.desk.store.get();
    expect(now.jobs.map((row) => row.job.id).sort()).toEqual(["j1", "newer"]);
    expect(now.shotId).toBe("s1");
    // The layer's source was replaced by another shot's plate of the same name.
    for (const other of [
      { path: "Z:\\sh020\\plate.####.exr" },
      { width: 400 },
      { lastFrame: 1020 },
    ]) {
      there.scene.now = { ...SCENE, plate: { ...plate, ...other } };
      await there.desk.look();
      expect(there.desk.store.get().shotId).toBeNull();
    }
    there.desk.close();
  });

  it("is followed through a server that goes away", async () => {
    table.client.jobs.mockResolvedValue([job({ state: "running" })]);
    table.client.job.mockRejectedValueOnce(new RotoError("away", { kind: "unavailable" }));
    await connected();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(state().jobs[0]!.job.state).toBe("succeeded");
    expect(state().server.status).toBe("ready");
  });
});

describe("results", () => {
  beforeEach(async () => {
    table.client.jobs.mockResolvedValue([job()]);
    await connected();
  });

  it("are handed over in pieces, drawn, and forgotten", async () => {
    await table.desk.applyMasks();
    const names = table.asked.map(([name]) => name).filter((name) => name !== "describe");
    expect(names.slice(-3)).toEqual(["stage", "applyMasks", "unstage"]);
    expect(table.calls("applyMasks")[0]).toMatchObject({
      at: { comp: 1, layer: 5 },
      job: { job: "j1", shot: "s1", version: 1 },
      from: 0,
      count: 1,
      replace: true,
    });
  });

  it("never take away what the artist changed and did not send", async () => {
    table.scene.now = { ...SCENE, jobs: [{ job: "j0", shot: "s1", version: 1 }] };
    table.masksNow.push({ ...MASK });
    await table.desk.look();
    await table.desk.applyMasks();
    expect(table.calls("applyMasks")[0]).toMatchObject({ replace: false });
    expect(state().notice!.hint).toContain("changed by hand");
    table.farm.edits.mockReturnValue({ edits: [], notes: [] });
    await table.desk.applyMasks();
    expect(table.calls("applyMasks")[1]).toMatchObject({ replace: true });
  });

  it("that are on the layer are not drawn over themselves, unless they were deleted", async () => {
    table.scene.now = { ...SCENE, jobs: [{ job: "j1", shot: "s1", version: 1 }] };
    table.masksNow.push({ ...MASK });
    await table.desk.look();
    await table.desk.applyMasks();
    expect(table.calls("applyMasks")).toEqual([]);
    expect(state().notice).toMatchObject({ message: "Version 1 is on the layer already." });
    table.masksNow.pop();
    await table.desk.applyMasks();
    expect(table.calls("applyMasks")).toHaveLength(1);
  });

  it("leave nothing staged when After Effects refuses", async () => {
    const problem = {
      code: "locked" as const,
      message: "The layer is locked.",
      hint: "Unlock it.",
    };
    table.refused.set("applyMasks", new HostError(problem));
    await table.desk.applyMasks();
    expect(table.calls("unstage")).toHaveLength(1);
    expect(state().notice).toMatchObject({ level: "error", message: "The layer is locked." });
  });

  it("of a correction only change the stretches that were tracked again", async () => {
    const correction = job({
      id: "j2",
      version: 2,
      base_version: 1,
      changed: { hero: [[1003, 1005]] },
    });
    table.client.jobs.mockResolvedValue([correction]);
    table.scene.now = { ...SCENE, jobs: [{ job: "j1", shot: "s1", version: 1 }] };
    table.result.changed = { L: [[1003, 1005]] } as never;
    await table.desk.look();
    await table.desk.refreshJobs();
    table.desk.jobs.choose("j2");
    await table.desk.applyMasks();
    expect(table.calls("applyMasks")).toEqual([]);
    expect(table.calls("updateMasks")[0]).toMatchObject({
      base: "j1",
      token: "job-j2",
      baseToken: "base-j1",
      changed: { L: [[1003, 1005]] },
    });
    expect(table.calls("unstage")).toEqual([{ token: "base-j1" }, { token: "job-j2" }]);
    expect(state().notice!.hint).toContain("3 keys of yours");
  });

  it("that were changed go back as a correction of the version on the layer", async () => {
    table.scene.now = { ...SCENE, jobs: [{ job: "j1", shot: "s1", version: 1 }] };
    await table.desk.look();
    await table.desk.correct(false);
    const [shot, correction] = table.client.correct.mock.calls[0]!;
    expect(shot).toBe("s1");
    expect(correction).toMatchObject({ baseVersion: 1, edits: [{ object: "hero" }] });
    expect(state().chosenJob).toBe("j2");
    expect(state().notice!.hint).toContain("a note");
    // The masks as they were given go along, by whose keys a renamed one is known.
    const token = "base-j1";
    expect(table.calls("stage")[0]).toEqual({ token, head: { first_frame: 1001 }, masks: [MASK] });
    expect(table.calls("readMasks")[0]).toMatchObject({ token, job: "j1" });
    expect(table.calls("unstage")).toEqual([{ token }]);
  });

  it("can be corrected by clicks on the frame that is shown", async () => {
    table.scene.now = { ...SCENE, jobs: [{ job: "j1", shot: "s1", version: 1 }] };
    await table.desk.look();
    table.desk.say((all) => prompts.addObject(all, "hero", "h"));
    await table.desk.correctClicks();
    expect(state().notice).toMatchObject({
      level: "error",
      message: expect.stringContaining("clicked on frame 1001"),
    });
    click();
    table.desk.say((all) => prompts.addClick(all, "h", 1009, { x: 1, y: 1, positive: true }));
    await table.desk.correctClicks();
    expect(table.client.correct.mock.calls[0]![1]).toMatchObject({
      baseVersion: 1,
      edits: [
        { object: "hero", prompts: [{ frame: 1001, points: [{ x: 5, y: 6, positive: true }] }] },
      ],
    });
  });

  it("cannot be corrected before they are there", async () => {
    await table.desk.correct(true);
    expect(state().notice).toMatchObject({
      level: "error",
      message: expect.stringContaining("no masks of a job"),
    });
  });
});

describe("the path of a plate", () => {
  it("is the same on another mount, and another below the same one", () => {
    const here = "/mnt/show/sh010/plates/plate.####.exr";
    expect(isSamePath(here, here)).toBe(true);
    expect(isSamePath(here, "Z:\\show\\sh010\\plates\\plate.####.exr")).toBe(true);
    expect(isSamePath(here, "/Volumes/show/sh010/plates/plate.####.exr")).toBe(true);
    expect(isSamePath(here, "/mnt/show/sh020/plates/plate.####.exr")).toBe(false);
    expect(isSamePath(here, "Z:\\show\\sh020\\plates\\plate.####.exr")).toBe(false);
  });
});

describe("mattes", () => {
  it("are alpha in an EXR, which has nothing else, and grey elsewhere", async () => {
    const files = {
      read: async () => new Uint8Array(),
      home: "/home/a",
      join: (...parts: string[]) => parts.join("/"),
    };
    const desk = table.withFiles(files);
    table.client.jobs.mockResolvedValue([job()]);
    table.answers["importMatte"] = () => ({ layer: {}, name: "", replaced: false, notes: [] });
    table.result.mattes = {
      hero: { firstFile: "/m/hero.1001.exr", first: 1001 },
      tree: { firstFile: "/m/tree.1001.png", first: 1001 },
    };
    await desk.look();
    await desk.server.connect("http://farm", "key");
    await vi.advanceTimersByTimeAsync(0);
    await desk.importMattes();
    expect(table.calls("importMatte").map((one) => [one["name"], one["mode"]])).toEqual([
      ["hero matte", "alpha"],
      ["tree matte", "luma"],
    ]);
    expect(table.farm.result.mock.calls[0]![2]).toBe("/show/Megaton Roto");
    desk.close();
  });
});

describe("large results", () => {
  const heavy = (layer: string): MaskData => ({
    ...MASK,
    layer_id: layer,
    points: Array.from({ length: 10 }, () => Array<number>(60).fill(0)),
  });

  it("go over in pieces that a script can hold", () => {
    const masks = [heavy("a"), heavy("a"), heavy("b")];
    const size = JSON.stringify(masks[0]).length;
    expect(pieces(masks, 2 * size).map((part) => part.length)).toEqual([2, 1]);
    expect(pieces(masks, 1).map((part) => part.length)).toEqual([1, 1, 1]);
    expect(pieces([])).toEqual([[]]);
  });

  it("are one undo step, or one for each object when that takes too long", () => {
    const masks = [heavy("a"), heavy("a"), heavy("b")];
    expect(groupsOf(masks, 1000)).toEqual([{ from: 0, count: 3 }]);
    expect(groupsOf(masks, 200)).toEqual([
      { from: 0, count: 2 },
      { from: 2, count: 1 },
    ]);
  });
});

describe("a picture After Effects writes", () => {
  const end = [0, 0, 0, 0, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82];
  const whole = Uint8Array.from([137, 80, ...end]);

  it("is waited for until it is complete", async () => {
    const read = vi
      .fn()
      .mockRejectedValueOnce(new Error("not there"))
      .mockResolvedValueOnce(whole.subarray(0, 8))
      .mockResolvedValueOnce(whole);
    const waiting = wholePng(read, undefined, 10);
    await vi.advanceTimersByTimeAsync(100);
    expect(await waiting).toBe(whole);
  });

  it("that never comes is told, with what to do", async () => {
    const told = expect(
      wholePng(() => Promise.reject(new Error("gone")), undefined, 1),
    ).rejects.toThrow(/did not write its picture \(gone\)/);
    await vi.advanceTimersByTimeAsync(1000);
    await told;
  });
});
