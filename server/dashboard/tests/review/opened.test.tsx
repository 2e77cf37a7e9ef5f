import { act, cleanup, renderHook } from "@testing-library/react";
import { MemoryRouter, useSearchParams } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useOpened } from "../../src/review/useOpened";
import { usePlayer } from "../../src/review/usePlayer";

const changed = vi.fn();

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  changed.mockClear();
});

function opened(address: string) {
  return renderHook(
    () => {
      const [search, setSearch] = useSearchParams();
      const { player, now } = usePlayer();
      useOpened(player, now, [1001, 1010], search, (name, value) => {
        changed(name, value);
        setSearch({ [name]: value ?? "" }, { replace: true });
      });
      return { now, search };
    },
    { wrapper: ({ children }) => <MemoryRouter initialEntries={[address]}>{children}</MemoryRouter> },
  );
}

it("begins on the frame that the address names, of the plate's", () => {
  expect(opened("/?frame=1004").result.current.now.at).toBe(1004);
  expect(opened("/?frame=7").result.current.now.at).toBe(1001);
  expect(opened("/?frame=no").result.current.now.at).toBe(1001);
});

it("the address follows once, when the player rests", () => {
  const { result } = opened("/?frame=1004");
  act(() => void vi.advanceTimersByTime(2000));
  expect(changed).not.toHaveBeenCalled();
  act(() => result.current.now.go(1006));
  act(() => result.current.now.go(1007));
  act(() => void vi.advanceTimersByTime(5000));
  expect(changed.mock.calls).toEqual([["frame", "1007"]]);
  act(() => result.current.now.play(1));
  act(() => result.current.now.go(1009));
  act(() => void vi.advanceTimersByTime(2000));
  expect(changed).toHaveBeenCalledOnce();
});
