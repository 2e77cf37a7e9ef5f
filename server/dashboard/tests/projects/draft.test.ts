import { describe, expect, it } from "vitest";
import type { Project } from "../../src/api/projects";
import { changeOf, draftOf, faults, rebased, USUAL_TEMPLATE } from "../../src/projects/draft";

const PROJECT = {
  id: "p",
  name: "Heist",
  client: "",
  allowed_roots: ["/mnt/heist"],
  artists_see_all: true,
  settings: { quality: "standard", handles: 8, colorspace: null, fps: [24000, 1001], places: [], publish: null },
} as unknown as Project;

describe("a project's settings", () => {
  it("that stay as they are are not sent", () => {
    expect(changeOf(PROJECT, draftOf(PROJECT))).toEqual({});
  });

  it("are sent whole when one of them changes, places among them", () => {
    const body = changeOf(PROJECT, { ...draftOf(PROJECT), handles: "12" });
    expect(body).toEqual({ settings: { ...PROJECT.settings, handles: 12 } });
  });

  it("are sent apart from name and folders", () => {
    const draft = { ...draftOf(PROJECT), name: " Heist 2 ", roots: "/mnt/heist\n\n/mnt/two " };
    expect(changeOf(PROJECT, draft)).toEqual({ name: "Heist 2", allowed_roots: ["/mnt/heist", "/mnt/two"] });
  });

  it("publish with a folder and a template, or not at all", () => {
    const draft = { ...draftOf(PROJECT), publishFolder: "/mnt/heist/out" };
    expect(faults(draft)).toEqual({});
    expect(changeOf(PROJECT, draft).settings?.publish).toEqual({ folder: "/mnt/heist/out", template: USUAL_TEMPLATE });
    expect(Object.keys(faults({ ...draft, publishFolder: "", publishTemplate: "v{version}" }))).toEqual(["publishFolder"]);
    const whole = { ...draft, publishTemplate: "v{version}.{ext}" };
    expect(faults(whole)).toEqual({});
    expect(changeOf(PROJECT, whole).settings?.publish).toEqual({
      folder: "/mnt/heist/out",
      template: "v{version}.{ext}",
    });
  });

  it("changed by somebody else meanwhile keep what is being typed, and nothing else", () => {
    const now = { ...PROJECT, name: "Heist 3", client: "Theirs" };
    const typed = { ...draftOf(PROJECT), client: "Mine" };
    expect(rebased(typed, PROJECT, now)).toEqual({ ...draftOf(now), client: "Mine" });
    expect(changeOf(now, rebased(typed, PROJECT, now))).toEqual({ client: "Mine" });
    expect(changeOf(now, rebased(draftOf(PROJECT), PROJECT, now))).toEqual({});
  });

  it("say what cannot be sent", () => {
    const draft = { ...draftOf(PROJECT), name: " ", fps: "fast", handles: "-1" };
    expect(Object.keys(faults(draft)).sort()).toEqual(["fps", "handles", "name"]);
  });
});
