import { expect, it } from "vitest";
import { begun, redone, stepped, undone } from "../../src/prompting/history";

it("what is undone is done again, state by state", () => {
  const history = stepped(stepped(begun("a"), "b"), "c");
  const back = undone(undone(history));
  expect(back.now).toBe("a");
  expect(undone(back).now).toBe("a");
  expect(redone(redone(redone(back))).now).toBe("c");
});

it("a step after undoing forgets what was undone", () => {
  const history = stepped(undone(stepped(begun("a"), "b")), "c");
  expect(redone(history).now).toBe("c");
  expect(undone(history).now).toBe("a");
});

it("the same state again is no step", () => {
  const history = begun("a");
  expect(stepped(history, "a")).toBe(history);
});

it("of very many states the last are kept", () => {
  let history = begun(0);
  for (let step = 1; step <= 1000; step += 1) history = stepped(history, step);
  expect(history.past.length).toBe(200);
  expect(undone(history).now).toBe(999);
});

it("typing into one field is one step", () => {
  const typed = stepped(stepped(begun(""), "h", "name"), "he", "name");
  expect(undone(typed).now).toBe("");
  const other = stepped(typed, "he!", "label");
  expect(undone(other).now).toBe("he");
  expect(undone(stepped(redone(undone(typed)), "her", "name")).now).toBe("he");
});
