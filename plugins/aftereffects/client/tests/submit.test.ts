/** Which project a job goes to, with a server that is played. */

import { describe, expect, it } from "vitest";
import type { RotoClient } from "../src/client";
import { RotoError } from "../src/errors";
import { Submitter } from "../src/submit";

function submitter(found: { id: string }[], create: () => Promise<unknown>): Submitter {
  const client = { projects: async () => found, createProject: create };
  return new Submitter(client as unknown as RotoClient);
}

async function refused(call: Promise<unknown>): Promise<RotoError> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RotoError);
  return error as RotoError;
}

const never = (): Promise<never> => Promise.reject(new Error("nothing is to be made"));

describe("the project of a job", () => {
  it("is the one of its name", async () => {
    expect(await submitter([{ id: "a" }], never).project("heist")).toEqual({ id: "a" });
  });

  it("is none of two: an administrator sees what others made under the same name", async () => {
    const error = await refused(submitter([{ id: "a" }, { id: "b" }], never).project("heist"));
    expect([error.kind, error.message]).toEqual(["conflict", 'There are 2 projects named "heist".']);
    expect(error.hint).toMatch(/renamed/);
    expect(error.detail).toEqual({ projects: ["a", "b"] });
  });

  it("is asked of a supervisor by whoever may make none", async () => {
    const no = new RotoError("No.", { code: "forbidden", status: 403, requestId: "r1" });
    const error = await refused(submitter([], () => Promise.reject(no)).project("heist"));
    expect(error).toMatchObject({ kind: "access", code: "forbidden", requestId: "r1" });
    expect(error.message).toMatch(/no project "heist" that you work on/);
    expect(error.hint).toMatch(/supervisor/);
  });

  it("is made where there is none, or found if another was quicker", async () => {
    const made = { id: "new" };
    expect(await submitter([], async () => made).project("heist")).toBe(made);
    const found: { id: string }[] = [];
    const late = new RotoError("Taken.", { code: "conflict", status: 409 });
    const quicker = submitter(found, () => {
      found.push({ id: "theirs" });
      return Promise.reject(late);
    });
    expect(await quicker.project("heist")).toEqual({ id: "theirs" });
    const other = new RotoError("Sign in.", { code: "unauthorized", status: 401 });
    expect(await refused(submitter([], () => Promise.reject(other)).project("x"))).toBe(other);
  });
});
