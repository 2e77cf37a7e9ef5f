import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HeatStrip } from "../../src/ui/HeatStrip";

const object = { name: "hero", confidence: [0.9, 0.4, 0.8, 0.9], area: [100, 100, 300, 300], prompts: [], keys: [] };

beforeEach(() => {
  // jsdom lays nothing out and paints nothing.
  vi.stubGlobal("ResizeObserver", class { observe() {} disconnect() {} });
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(null);
  vi.spyOn(HTMLCanvasElement.prototype, "getBoundingClientRect").mockReturnValue({ left: 0, width: 400 } as DOMRect);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it("says of the frame under the pointer what its colour stands for, and goes there when pressed", () => {
  const go = vi.fn();
  render(<HeatStrip first={1001} last={1004} at={1001} loop={[1001, 1004]} objects={[object]} notes={[]} onGo={go} />);
  const strip = screen.getByRole("slider");
  expect(strip.getAttribute("aria-valuetext")).toBe("Frame 1001, confidence 90 %");
  screen.getByText("1001, confidence 90 %");
  fireEvent.pointerMove(strip, { clientX: 150 });
  screen.getByText("1002, confidence 40 %");
  expect(go).not.toHaveBeenCalled();
  fireEvent.pointerDown(strip, { clientX: 250 });
  screen.getByText("1003, confidence 80 %, area × 3.00");
  expect(go.mock.calls).toEqual([[1003]]);
  fireEvent.pointerLeave(strip);
  screen.getByText("1001, confidence 90 %");
});

it("says its marks in words, to those who see no colour too", () => {
  const worked = { ...object, prompts: [1002], keys: [1002, 1003] };
  const strip = (at: number, marked?: string) => (
    <HeatStrip
      first={1001}
      last={1004}
      at={at}
      loop={[1001, 1004]}
      objects={[worked]}
      notes={[1003]}
      marks={[1004]}
      marked={marked}
      onGo={() => undefined}
    />
  );
  const { rerender } = render(strip(1002));
  const said = () => screen.getByRole("slider").getAttribute("aria-valuetext");
  expect(said()).toBe("Frame 1002, confidence 40 %, prompt, key");
  fireEvent.pointerMove(screen.getByRole("slider"), { clientX: 250 });
  screen.getByText("1003, confidence 80 %, area × 3.00, key, note");
  rerender(strip(1004));
  expect(said()).toBe("Frame 1004, confidence 90 %, own mark");
  rerender(strip(1004, "in the draft"));
  expect(said()).toBe("Frame 1004, confidence 90 %, in the draft");
});
