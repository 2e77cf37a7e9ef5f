export type Tool = "click" | "box" | "brush" | "erase" | "points" | "hand";

export interface ToolLook {
  tool: Tool;
  label: string;
  key: string;
  /** What a press does. */
  hint: string;
}

export const TOOLS: readonly ToolLook[] = [
  { tool: "click", label: "Click", key: "c", hint: "Click on the object; with Alt or Ctrl beside it. Click on a mark to take it away." },
  { tool: "box", label: "Box", key: "x", hint: "Drag a box around the whole object." },
  { tool: "brush", label: "Paint", key: "b", hint: "Paint what belongs to the object. [ and ] change the brush." },
  { tool: "erase", label: "Erase", key: "e", hint: "Paint what does not belong to the object. [ and ] change the brush." },
  { tool: "points", label: "Points", key: "p", hint: "Drag points and tangents; Alt makes a corner. The frame becomes a key." },
  { tool: "hand", label: "Move", key: "h", hint: "Drag the picture. The wheel zooms with every tool." },
];

export const SMALLEST_BRUSH = 1;
export const LARGEST_BRUSH = 400;
const BRUSH_STEP = 1.25;

export function largerBrush(radius: number, by: -1 | 1): number {
  const next = Math.round(radius * BRUSH_STEP ** by);
  // At least a pixel: small ones would be rounded to themselves.
  const moved = next === radius ? radius + by : next;
  return Math.min(Math.max(moved, SMALLEST_BRUSH), LARGEST_BRUSH);
}
