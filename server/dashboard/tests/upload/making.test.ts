import { expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { Problem } from "../../src/api/problem";
import type { Kept, Target } from "../../src/upload/keeping";
import { make } from "../../src/upload/making";

const LOST = Problem.unreachable(false);
const TAKEN = new Problem(409, { code: "conflict", message: "Taken." });

/** A server with shots by name, each with the plates it is told; `refuses`: what it answers, a turn each. */
function server(shots: Record<string, object[]>, refuses: (Problem | null)[]) {
  const asked: [string, object][] = [];
  const items = (all: unknown[]) => ({ data: { items: all, next: null }, response: new Response() });
  vi.spyOn(api, "GET").mockImplementation((async (path: string, { params }: { params: { path?: { shot_id?: string }; query: { name?: string } } }) => {
    if (path.endsWith("/uploads")) return items([{ id: "u1", created_at: "2026-11-30T12:00:00Z" }]);
    if (path.endsWith("/plates")) return items(shots[params.path?.shot_id ?? ""] ?? []);
    return items(params.query.name && shots[params.query.name] ? [{ id: params.query.name }] : []);
  }) as never);
  vi.spyOn(api, "POST").mockImplementation((async (path: string, { body }: { body: { name?: string } }) => {
    asked.push([path.replace("/api/v1", ""), body]);
    const refused = refuses[asked.length - 1];
    if (refused) throw refused;
    return { data: { id: body.name }, response: new Response() };
  }) as never);
  return asked;
}

const mine = (more: object = {}) => ({
  version: 1, created_by_id: "ann", created_at: "2026-11-30T12:05:00Z", plate: { path: "/store/x/sh.%04d.exr" }, ...more,
});

/** As the queue does: what is remembered is there when it is asked again. */
function maker(target?: Target) {
  let kept = { projectId: "p1", userId: "ann", files: [{ name: "sh.1001.exr" }], ...(target && { target }) } as unknown as Kept;
  return (name = "sh") => make(kept, name, "u1", (say) => (kept = say(kept)));
}

it("a shot whose answer was lost is made once", async () => {
  const shots: Record<string, object[]> = {};
  const asked = server(shots, [LOST]);
  const again = maker();
  await expect(again()).rejects.toBe(LOST);
  shots.sh = [mine()];
  expect(await again()).toBe("sh");
  expect(asked).toHaveLength(1);
});

it("one that had not come to be is asked for again, and what was made meanwhile is found", async () => {
  const shots: Record<string, object[]> = {};
  const asked = server(shots, [LOST, TAKEN]);
  const again = maker();
  await expect(again()).rejects.toBe(LOST);
  vi.mocked(api.POST).mockImplementationOnce((async () => {
    shots.sh = [mine()];
    throw TAKEN;
  }) as never);
  expect(await again()).toBe("sh");
  expect(asked).toHaveLength(1);
});

it.each([
  ["somebody else's", { created_by_id: "sue" }],
  ["older than the upload", { created_at: "2026-11-30T11:59:00Z" }],
  ["of other files", { plate: { path: "/store/x/other.%04d.exr" } }],
])("a shot of that name that is %s is not it", async (_, more) => {
  server({ sh: [mine(more)] }, [LOST, TAKEN]);
  const again = maker();
  await expect(again()).rejects.toBe(LOST);
  await expect(again()).rejects.toBe(TAKEN);
});

it("a name that was refused is nobody's: another is asked for", async () => {
  const asked = server({ sh: [mine()] }, [TAKEN]);
  const again = maker();
  await expect(again()).rejects.toBe(TAKEN);
  expect(await again("free")).toBe("free");
  expect(asked.map(([path]) => path)).toEqual(Array(2).fill("/projects/{project_id}/shots"));
});

it("a new version goes to its shot's view, once", async () => {
  const shots = { s1: [mine({ version: 2 })] };
  const asked = server(shots, [LOST, null]);
  const again = maker({ shotId: "s1", view: "left", frameOffset: -8, after: 2 });
  await expect(again()).rejects.toBe(LOST);
  // The version before is of the same name, too.
  expect(await again()).toBe("s1");
  expect(asked[1]).toEqual(["/shots/{shot_id}/plates", { plate: { upload_id: "u1" }, view: "left", frame_offset: -8 }]);
  shots.s1.push(mine({ version: 3 }));
  const third = maker({ shotId: "s1", view: "left", frameOffset: 0, after: 2 });
  vi.mocked(api.POST).mockRejectedValueOnce(LOST);
  await expect(third()).rejects.toBe(LOST);
  expect(await third()).toBe("s1");
  expect(asked).toHaveLength(2);
});
