import { expect, it, vi } from "vitest";

import { HostError } from "../../contract/script";
import { RotoError } from "../../client/src/errors";
import { claimKeys, machineName, openPage } from "../src/bridge/cep";
import { isQuiet, trouble } from "../src/errors";
import { codeLeft, duration, need, status } from "../src/words";

it("opens pages in the artist's browser through CEP, and nothing else", () => {
  const opened: string[] = [];
  const openURLInDefaultBrowser = (url: string) => ({ err: opened.push(url) > 1 ? 1 : 0 });
  const page = "https://roto.studio.example/device";
  vi.stubGlobal("window", { cep: { util: { openURLInDefaultBrowser } } });
  expect([openPage(page), openPage(page)]).toEqual([true, false]);
  expect(openPage("file:///etc/passwd")).toBe(false);
  expect(opened).toEqual([page, page]);
  vi.stubGlobal("window", {});
  expect(openPage(page)).toBe(false);
  vi.unstubAllGlobals();
});

it("names the machine, where Node knows it", () => {
  expect(machineName(() => ({ hostname: () => "ws042.studio.example" }))).toBe(" on ws042");
  expect(machineName(() => ({}))).toBe("");
  expect(machineName(null)).toBe("");
});

it("says how long a code waits", () => {
  expect(codeLeft(75_000, 1_000)).toBe("Waiting for your browser, 1:14 min left.");
  expect(codeLeft(1_000, 75_000)).toBe("Waiting for your browser, 0 s left.");
});

it("claims the canvas' keys from After Effects, by each system's own codes", () => {
  const told = (platform: string) => {
    let keys: { keyCode: number; ctrlKey?: true; metaKey?: true; shiftKey?: true }[] = [];
    const registerKeyEventsInterest = (text: string) => void (keys = JSON.parse(text));
    claimKeys({ evalScript: () => undefined, registerKeyEventsInterest }, platform);
    return keys;
  };
  const plain = (platform: string) =>
    told(platform)
      .filter((key) => !key.ctrlKey && !key.metaKey && !key.shiftKey)
      .map((key) => key.keyCode);
  expect(plain("Win32")).toEqual(expect.arrayContaining([33, 34, 70, 187, 189, 107, 109, 46]));
  expect(plain("MacIntel")).toEqual(expect.arrayContaining([116, 121, 3, 24, 27, 69, 78, 117]));
  expect(told("MacIntel")).toContainEqual({ keyCode: 6, metaKey: true });
  expect(told("Win32")).toContainEqual({ keyCode: 90, ctrlKey: true, shiftKey: true });
  expect(() => claimKeys({ evalScript: () => undefined }, "Win32")).not.toThrow();
});

it("says how long it takes", () => {
  expect([0, 59.4, 74, 3600, 7260].map(duration)).toEqual([
    "0 s",
    "59 s",
    "1:14 min",
    "1:00 h",
    "2:01 h",
  ]);
  expect(duration(null)).toBe("");
});

it("says where a job stands", () => {
  const job = { state: "running", stage: "track", done: 3, total: 9, etaSeconds: 5 };
  expect(status(job)).toBe("tracking 3/9, 5 s left");
  expect(status({ ...job, state: "succeeded" })).toBe("done");
});

it("says which frames need the artist", () => {
  expect(need("hero", { first: 3, last: 9, worst: 4, confidence: 0.214 })).toBe(
    "hero: 3-9, worst 4 (21% sure)",
  );
  expect(need("hero", { first: 3, last: 3, worst: 3, confidence: 0.4 })).toBe("hero: 3 (40% sure)");
});

it("tells what is wrong in the words of whoever refused", () => {
  const host = new HostError({ code: "time_remap", message: "Remapped.", hint: "Take it off." });
  expect(trouble(host)).toEqual({ code: "time_remap", message: "Remapped.", hint: "Take it off." });
  const farm = new RotoError("No.", { kind: "sign_in", hint: "`roto login`" });
  expect(trouble(farm).hint).toBe("Sign in.");
  expect(isQuiet(new RotoError("", { kind: "superseded" }))).toBe(true);
  expect(isQuiet(farm)).toBe(false);
});
