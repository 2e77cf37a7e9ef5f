import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { nameOf, press, useShortcuts } from "../../src/app/shortcuts";
import { useKeysBack } from "../../src/review/useKeysBack";

const play = vi.fn();

function Player() {
  useShortcuts("Player", {
    Space: { label: "Play", run: play },
    ArrowRight: { label: "On", run: play },
  });
  return (
    <div {...useKeysBack()}>
      <button type="button">Tint</button>
      <input type="range" aria-label="Onion" />
      <select aria-label="Speed">
        <option>1</option>
        <option>2</option>
      </select>
    </div>
  );
}

beforeEach(() => {
  play.mockClear();
  addEventListener("keydown", press);
  render(<Player />);
});
afterEach(() => {
  removeEventListener("keydown", press);
  cleanup();
});

it("a button that was clicked leaves Space to the player", () => {
  const button = screen.getByRole("button");
  button.focus();
  fireEvent.pointerDown(button);
  fireEvent.click(button);
  fireEvent.keyDown(document.activeElement ?? document.body, { key: " " });
  expect(play).toHaveBeenCalledOnce();
});

it("a button that was come to by keys is pressed by Space", () => {
  const button = screen.getByRole("button");
  button.focus();
  fireEvent.keyDown(button, { key: " " });
  expect(play).not.toHaveBeenCalled();
  fireEvent.keyDown(button, { key: "ArrowRight" });
  expect(play).toHaveBeenCalledOnce();
});

it("a slider keeps its arrows, a list that was clicked does not", () => {
  fireEvent.keyDown(screen.getByRole("slider"), { key: "ArrowRight" });
  expect(play).not.toHaveBeenCalled();
  const list = screen.getByRole("combobox");
  list.focus();
  fireEvent.pointerDown(list);
  fireEvent.change(list, { target: { value: "2" } });
  fireEvent.keyDown(document.activeElement ?? document.body, { key: "ArrowRight" });
  expect(play).toHaveBeenCalledOnce();
});

it.each([
  ["undo, under Caps Lock", { key: "Z", ctrlKey: true }, "Ctrl+z"],
  ["redo, under Caps Lock", { key: "z", ctrlKey: true, shiftKey: true }, "Ctrl+Z"],
  ["redo, as a Mac tells it", { key: "z", metaKey: true, shiftKey: true }, "Ctrl+Z"],
  ["a bracket of a German Mac", { key: "[", altKey: true }, "["],
  ["a bracket behind AltGr", { key: "[", ctrlKey: true, altKey: true, modifierAltGraph: true }, "["],
  ["a sign behind Shift", { key: "?", shiftKey: true }, "?"],
  ["an arrow with Alt", { key: "ArrowLeft", altKey: true }, "Alt+ArrowLeft"],
  ["an arrow with Shift", { key: "ArrowLeft", shiftKey: true }, "Shift+ArrowLeft"],
  ["a letter with Alt", { key: "m", altKey: true }, "Alt+m"],
])("keys are called by what is held: %s", (_, event, name) => {
  expect(nameOf(new KeyboardEvent("keydown", event))).toBe(name);
});
