import { expect, it } from "vitest";
import { broken, counted, outdated } from "../../src/settings/health";

const check = (ok: boolean) => ({ ok, message: "", setting: "", about: "", remedy: "" });

it("names the parts that do not work", () => {
  expect(broken({ checks: { database: check(true), mail: check(false), redis: check(false) } })).toEqual([
    "mail",
    "redis",
  ]);
});

it("finds workers that live and are of another version", () => {
  const worker = (id: string, version: string, alive = true) => ({ id, version, alive });
  const nodes = [{ workers: [worker("a:0", "2"), worker("a:1", "1")] }, { workers: [worker("b:0", "1", false)] }];
  expect(outdated(nodes, "2").map((one) => one.id)).toEqual(["a:1"]);
});

it("counts machines that were heard of", () => {
  expect(counted([{ alive: true }, { alive: false }])).toBe("1 of 2 machines alive");
  expect(counted([{ alive: true }])).toBe("1 of 1 machine alive");
});
