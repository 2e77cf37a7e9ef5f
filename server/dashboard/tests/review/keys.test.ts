import { afterEach, expect, it } from "vitest";
import { newPlayer } from "../../src/review/player";
import { keepProfile, keptProfile, playerKeys } from "../../src/review/usePlayerKeys";

const STOPS = { keys: [1001, 1005], marks: [1003] };

afterEach(() => localStorage.clear());

function opened(profile: "rv" | "jkl") {
  const player = newPlayer();
  player.getState().open(1001, 1010);
  const map = playerKeys(player, STOPS, profile);
  const press = (...names: string[]) => names.forEach((name) => map[name]?.run(new KeyboardEvent("keydown")));
  return { player, map, press };
}

it("RV's: frames, loop, marks, channels", () => {
  const { player, press } = opened("rv");
  press("ArrowRight", "ArrowRight", "[", "End", "ArrowRight");
  expect(player.getState()).toMatchObject({ at: 1003, loop: [1003, 1010] });
  press("\\", "Home", "Alt+ArrowRight");
  expect(player.getState().at).toBe(1003);
  press("Shift+ArrowRight");
  expect(player.getState().at).toBe(1005);
  press("m");
  expect(player.getState().marks).toEqual([1005]);
  press("r");
  expect(player.getState().channel).toBe("red");
  press("r", "a");
  expect(player.getState()).toMatchObject({ channel: "colour", overlay: "matte" });
  press("l");
  expect(player.getState().channel).toBe("luminance");
});

it("an editor's: L plays, again for faster, J turns, K stops", () => {
  const { player, press, map } = opened("jkl");
  press("l", "l");
  expect(player.getState()).toMatchObject({ direction: 1, speed: 2 });
  press("j");
  expect(player.getState()).toMatchObject({ direction: -1, speed: 1 });
  press("k");
  expect(player.getState().direction).toBe(0);
  expect(map.l?.label).not.toBe("Luminance");
});

it("the profile is kept", () => {
  expect(keptProfile()).toBe("rv");
  keepProfile("jkl");
  expect(keptProfile()).toBe("jkl");
});
