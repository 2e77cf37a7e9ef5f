import { act, cleanup, renderHook } from "@testing-library/react";
import { useCallback } from "react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { newPlayer } from "../../src/review/player";
import { useAddress } from "../../src/review/useAddress";
import { changesOf, comparedBy, lookOf, useOpened } from "../../src/review/useOpened";
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
      const { search, set } = useAddress();
      const { player, now } = usePlayer();
      const tell = useCallback((changes: Record<string, string | null>) => {
        changed(changes);
        set(changes);
      }, [set]);
      useOpened(player, now, [1001, 1010], search, search.has("compare"), tell);
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
  expect(changed.mock.calls).toEqual([[{ frame: "1007" }]]);
  act(() => result.current.now.play(1));
  act(() => result.current.now.go(1009));
  act(() => void vi.advanceTimersByTime(2000));
  expect(changed).toHaveBeenCalledOnce();
});

it("the loop, splines, onion skin and how one compares are in the address, and come back from it", async () => {
  const { result } = opened("/?frame=1004");
  act(() => result.current.now.go(1003));
  act(() => result.current.now.setIn());
  act(() => result.current.now.set({ splines: true, onion: 2 }));
  await act(() => vi.advanceTimersByTimeAsync(2000));
  expect(result.current.search.toString()).toBe("frame=1003&in=1003&splines=1&onion=2");
  const again = opened(`/?${result.current.search}`).result.current.now;
  expect(again).toMatchObject({ at: 1003, loop: [1003, 1010], splines: true, onion: 2 });
  act(() => result.current.now.resetLoop());
  act(() => result.current.now.set({ splines: false, onion: 0 }));
  await act(() => vi.advanceTimersByTimeAsync(2000));
  expect(result.current.search.toString()).toBe("frame=1003");
});

it("how one compares is written only once the other version is known", () => {
  const search = new URLSearchParams("frame=1001&compare=j2&by=difference");
  expect(comparedBy(search)).toBe("difference");
  const player = newPlayer();
  player.getState().open(1001, 1010);
  expect(changesOf(player.getState(), search, false)).toEqual({});
  player.setState({ compare: "wipe" });
  expect(changesOf(player.getState(), search, true)).toEqual({ by: null });
  search.delete("compare");
  expect(changesOf(player.getState(), search, false)).toEqual({ by: null });
});

it("an address that says nonsense is the whole range", () => {
  expect(lookOf(new URLSearchParams("in=1009&out=1002&onion=9"), 1001, 1010)).toEqual({
    loop: [1001, 1010],
    splines: false,
    onion: 0,
  });
});
