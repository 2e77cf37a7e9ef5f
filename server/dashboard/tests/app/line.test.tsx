import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, render } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { newQueryClient } from "../../src/api/queries";
import { Line } from "../../src/app/Line";

type Socket = { onmessage?(message: { data: string }): void };

afterEach(() => void vi.unstubAllGlobals());

const asked: string[] = [];
const answers: Record<string, () => void> = {};

/** Whatever asks; it is answered by `answers`. */
function Asks({ name }: { name: string }) {
  useQuery({
    queryKey: [name],
    queryFn: () => {
      asked.push(name);
      return new Promise<string>((answer) => (answers[name] = () => answer(name)));
    },
  });
  return null;
}

const settle = (work: () => void) => act(async () => work());

it("what was answered before the line was live is asked again, once; what is on its way is not", async () => {
  const sockets: Socket[] = [];
  vi.stubGlobal("WebSocket", class {
    constructor() {
      sockets.push(this as Socket);
    }
    close(): void {}
  });
  const says = (kind: string) => sockets.at(-1)?.onmessage?.({ data: JSON.stringify({ kind, seq: 7 }) });
  render(
    <QueryClientProvider client={newQueryClient()}>
      <Line />
      <Asks name="early" />
      <Asks name="late" />
    </QueryClientProvider>,
  );
  expect(asked).toEqual(["early", "late"]);
  await settle(() => answers.early?.());
  await settle(() => says("hello"));
  expect(asked).toEqual(["early", "late", "early"]);
  await settle(() => [answers.early, answers.late].forEach((answer) => answer?.()));
  await settle(() => says("hello"));
  expect(asked.length).toBe(3);
});
