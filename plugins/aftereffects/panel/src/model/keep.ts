/** Prompts as the small JSON value that lies with the layer in the project, and back. */

import type { Json } from "../../../contract/host";
import type { Box, Click, FramePrompt, Prompted, RotoObject } from "./prompts";

const FORM = 1;

export function toJson(state: Prompted): Json {
  const objects = state.objects.map((one) => ({
    id: one.id,
    name: one.name,
    color: [...one.color],
    enabled: one.enabled,
    range: one.range && [...one.range],
    prompts: one.prompts.map((said) => ({
      frame: said.frame,
      points: said.points.map((point) => [point.x, point.y, point.positive ? 1 : 0]),
      box: said.box && [...said.box],
      absent: said.absent,
    })),
  }));
  return { form: FORM, chosen: state.chosen, objects };
}

/** What was kept; null where nothing was, or what lies there is not ours to read. */
export function fromJson(value: Json): Prompted | null {
  if (!isObject(value) || value["form"] !== FORM || !Array.isArray(value["objects"])) return null;
  const objects = value["objects"].map(objectFrom);
  if (objects.some((one) => one === null)) return null;
  const known = objects as RotoObject[];
  const chosen = known.find((one) => one.id === value["chosen"]) ?? known[0];
  return { objects: known, chosen: chosen?.id ?? null };
}

function objectFrom(value: Json): RotoObject | null {
  if (!isObject(value) || !Array.isArray(value["prompts"])) return null;
  const { id, name, color, enabled, range } = value;
  const prompts = value["prompts"].map(promptFrom);
  if (typeof id !== "string" || typeof name !== "string" || !numbers(color, 3)) return null;
  if (prompts.some((one) => one === null)) return null;
  return {
    id,
    name,
    color: color as unknown as RotoObject["color"],
    enabled: enabled !== false,
    range: numbers(range, 2) ? (range as unknown as [number, number]) : null,
    prompts: prompts as FramePrompt[],
  };
}

function promptFrom(value: Json): FramePrompt | null {
  if (!isObject(value) || typeof value["frame"] !== "number") return null;
  const told = Array.isArray(value["points"]) ? value["points"] : [];
  if (!told.every((one) => numbers(one, 3))) return null;
  const points = (told as unknown as [number, number, number][]).map(([x, y, positive]): Click => ({
    x,
    y,
    positive: positive === 1,
  }));
  const box = numbers(value["box"], 4) ? (value["box"] as unknown as Box) : null;
  return { frame: value["frame"], points, box, absent: value["absent"] === true };
}

function numbers(value: Json | undefined, length: number): boolean {
  return (
    Array.isArray(value) && value.length === length && value.every((n) => typeof n === "number")
  );
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
