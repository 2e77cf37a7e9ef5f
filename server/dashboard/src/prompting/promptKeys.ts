import type { ShortcutMap } from "../app/shortcuts";
import { nextMark, type PlayerStore } from "../review/player";
import { type Tool, TOOLS } from "./tools";

interface PromptKeys {
  player: PlayerStore;
  /** Frames somebody has worked on, ascending. */
  worked: readonly number[];
  hasShapes: boolean;
  onTool(tool: Tool): void;
  onBrush(by: -1 | 1): void;
  undo(): void;
  redo(): void;
  absent(): void;
  clear(): void;
  otherMask(): void;
  pickBy(by: -1 | 1): void;
  setIn(): void;
  setOut(): void;
  doubtful(): void;
}

export function promptKeys(keys: PromptKeys): ShortcutMap {
  const now = () => keys.player.getState();
  const jump = (direction: -1 | 1) => now().go(nextMark(keys.worked, now().at, direction));
  const tools = TOOLS.filter(({ tool }) => keys.hasShapes || tool !== "points").map(
    ({ tool, label, key }) => [key, { label, run: () => keys.onTool(tool) }] as const,
  );
  return {
    ...Object.fromEntries(tools),
    "[": { label: "Smaller brush", run: () => keys.onBrush(-1) },
    "]": { label: "Larger brush", run: () => keys.onBrush(1) },
    "Ctrl+z": { label: "Undo", run: keys.undo },
    "Ctrl+Z": { label: "Redo", run: keys.redo },
    "Ctrl+y": { label: "Redo", run: keys.redo },
    a: { label: "Not in this frame", run: keys.absent },
    Delete: { label: "Clear this frame", run: keys.clear },
    m: { label: "The next mask that could be meant", run: keys.otherMask },
    ArrowUp: { label: "Object before", run: () => keys.pickBy(-1) },
    ArrowDown: { label: "Next object", run: () => keys.pickBy(1) },
    i: { label: "The object comes in here", run: keys.setIn },
    o: { label: "The object goes out here", run: keys.setOut },
    d: { label: "Next doubtful frame", run: keys.doubtful },
    Space: { label: "Play, stop", run: () => now().toggle() },
    ArrowLeft: { label: "A frame back", run: () => now().step(-1) },
    ArrowRight: { label: "A frame on", run: () => now().step(1) },
    Home: { label: "To the beginning", run: () => now().go(now().first) },
    End: { label: "To the end", run: () => now().go(now().last) },
    "Shift+ArrowLeft": { label: "Frame with prompts before", run: () => jump(-1) },
    "Shift+ArrowRight": { label: "Next frame with prompts", run: () => jump(1) },
  };
}
