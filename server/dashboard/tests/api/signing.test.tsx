import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "../../src/api/client";
import { renewWithin } from "../../src/api/signing";
import { useMe } from "../../src/session/session";

vi.mock("../../src/api/turns", () => ({ alone: (work: () => Promise<unknown>) => work() }));

const asked: string[] = [];
const answers: (() => Response)[] = [];

beforeEach(() => {
  asked.length = answers.length = 0;
  vi.useFakeTimers();
  vi.spyOn(api, "GET").mockImplementation((async () => ({ data: { id: "u1", expires_in: 100 } })) as never);
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    const answer = answers.shift();
    if (!answer) throw new TypeError("no network");
    return answer();
  });
});

afterEach(() => {
  localStorage.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("a page that was opened with a fresh cookie renews it before its end, and tries again meanwhile", async () => {
  const client = new QueryClient();
  const wrapper = ({ children }: { children: React.ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  renderHook(() => useMe(), { wrapper });
  await vi.advanceTimersByTimeAsync(69_000);
  expect(asked).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(asked).toEqual(["/api/v1/auth/refresh"]);
  answers.push(() => Response.json({ expires_in: 1000 }));
  await vi.advanceTimersByTimeAsync(22_000);
  expect(asked.length).toBe(2);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked.length).toBe(2);
});

it("what another page has renewed meanwhile is not renewed again, and is seen to in its turn", async () => {
  renewWithin(100);
  localStorage.setItem("roto-good-until", String(Date.now() + 200_000));
  await vi.advanceTimersByTimeAsync(71_000);
  expect(asked).toEqual([]);
  answers.push(() => Response.json({ expires_in: 1000 }));
  await vi.advanceTimersByTimeAsync(100_000);
  expect(asked).toEqual(["/api/v1/auth/refresh"]);
  expect(Number(localStorage.getItem("roto-good-until"))).toBeGreaterThan(Date.now() + 900_000);
});
