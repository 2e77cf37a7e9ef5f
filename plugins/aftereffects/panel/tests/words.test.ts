import { expect, it } from "vitest";

import { HostError } from "../../contract/script";
import { RotoError } from "../../client/src/errors";
import { claimKeys } from "../src/bridge/cep";
import { isQuiet, trouble } from "../src/errors";
import { duration, need, status } from "../src/words";

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
  expect(trouble(farm).hint).toMatch(/API key/);
  expect(isQuiet(new RotoError("", { kind: "superseded" }))).toBe(true);
  expect(isQuiet(farm)).toBe(false);
});
