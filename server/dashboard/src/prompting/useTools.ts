/** What the tools do to the draft while they are held, and when they are let go. */

import { useState } from "react";
import type { ControlPoint, Outline } from "../review/documents";
import { bytes } from "../review/sources";
import type { PlatePoint } from "../review/Viewer";
import { base64Of } from "./brush";
import { boxBetween, dragged, type Grip, gripAt, inside, placeOf } from "./geometry";
import { follow, type Press } from "./gestures";
import * as model from "./model";
import type { Tool } from "./tools";

interface ToolsOptions {
  tool: Tool;
  radius: number;
  aspect: number;
  plate: model.Size;
  frame: number;
  picked: model.DraftObject | undefined;
  outlines: readonly Outline[];
  /** What a first stroke goes over: a preview's PNG, or the address of a result's matte. */
  baseOf(key: string): { preview: string; under: string | null };
  change(next: (draft: model.Draft) => model.Draft): void;
  onPick(object: string): void;
}

/** Pixels of the screen. */
const REACH = 9;
const LEAST_BOX = 4;
/** A finger that goes farther than that does not tap. */
const TAP = 12;

interface Moving {
  id: string;
  points: ControlPoint[];
}

export type Tools = ReturnType<typeof useTools>;

export function useTools(options: ToolsOptions) {
  const { tool, radius, aspect, plate, frame, picked, outlines, change } = options;
  const [box, setBox] = useState<model.Box | null>(null);
  const [stroke, setStroke] = useState<model.Stroke | null>(null);
  const [moving, setMoving] = useState<Moving | null>(null);
  const [held, setHeld] = useState<(Grip & { frame: number }) | null>(null);

  function press(at: PlatePoint, event: Press): void {
    const reach = REACH / (event.target.getStage()?.scaleX() ?? 1);
    if (tool === "points") return drag(at, event, reach);
    if (!picked) return;
    const { key } = picked;
    const say = (next: (said: model.Said) => model.Said) =>
      change((draft) => model.saying(draft, key, frame, next));
    if (tool === "click") {
      const { x, y } = inside(at, plate);
      if (x !== at.x || y !== at.y) return;
      const { altKey, ctrlKey, metaKey } = event.evt;
      const click = () =>
        say((said) => model.clicked(said, { x, y, positive: !(altKey || ctrlKey || metaKey) }, reach));
      if (event.evt.pointerType === "touch") tap(at, event, (TAP * reach) / REACH, click);
      else click();
    } else if (tool === "box") drawBox(at, event, say, (LEAST_BOX * reach) / REACH);
    else paint(at, event, say, key);
  }

  /** A finger may be the first of two that zoom: what it clicks is clicked when it is lifted. */
  function tap(from: PlatePoint, event: Press, most: number, click: () => void): void {
    const isNear = (to: PlatePoint) => Math.hypot(to.x - from.x, to.y - from.y) <= most;
    follow(event, aspect, {
      move: () => undefined,
      end: (to) => void (isNear(to) && click()),
      cancel: () => undefined,
    });
  }

  type Say = (next: (said: model.Said) => model.Said) => void;

  function drawBox(from: PlatePoint, event: Press, say: Say, least: number): void {
    const corner = inside(from, plate);
    const between = (to: PlatePoint) => boxBetween(corner, inside(to, plate), least);
    follow(event, aspect, {
      move: (to) => setBox(between(to)),
      end: (to) => {
        setBox(null);
        const drawn = between(to);
        if (drawn) say((said) => model.boxed(said, drawn));
      },
      cancel: () => setBox(null),
    });
  }

  function paint(from: PlatePoint, event: Press, say: Say, key: string): void {
    const { preview, under } = options.baseOf(key);
    const base = underPaint(preview, under);
    let drawn: model.Stroke = { erase: tool === "erase", radius, points: [[from.x, from.y]] };
    setStroke(drawn);
    const more = ({ x, y }: PlatePoint) => {
      drawn = { ...drawn, points: [...drawn.points, [x, y]] };
      setStroke(drawn);
    };
    follow(event, aspect, {
      move: more,
      end: () =>
        void base.then((found) => {
          setStroke(null);
          say((said) => model.painted(said, drawn, found));
        }),
      cancel: () => setStroke(null),
    });
  }

  function drag(at: PlatePoint, event: Press, reach: number): void {
    const grip = gripAt(outlines, at, reach, held?.frame === frame ? held : null);
    setHeld(grip && { ...grip, frame });
    const points = grip && outlines.find((one) => one.layer === grip.layer && one.shape === grip.shape)?.points;
    const point = grip && points?.[grip.index];
    if (!grip || !points || !point) return;
    options.onPick(grip.layer);
    const id = model.outlineId(grip.layer, grip.shape);
    const place = placeOf(point, grip.part);
    const moved = (to: PlatePoint, isBroken: boolean) =>
      dragged(points, grip, { x: place.x + to.x - at.x, y: place.y + to.y - at.y }, isBroken);
    follow(event, aspect, {
      move: (to, { altKey }) => setMoving({ id, points: moved(to, altKey) }),
      end: (to, { altKey }) => {
        setMoving(null);
        // A press that moves nothing only picks.
        if (to.x === at.x && to.y === at.y) return;
        change((draft) => model.outlineMoved(draft, id, frame, moved(to, altKey)));
      },
      cancel: () => setMoving(null),
    });
  }

  return { press, box, stroke, moving, grip: tool === "points" ? gripped() : null };

  /** The point that is picked, where it is now. */
  function gripped(): ControlPoint | null {
    if (!held || held.frame !== frame) return null;
    const outline = outlines.find((one) => one.layer === held.layer && one.shape === held.shape);
    const isMoving = moving?.id === model.outlineId(held.layer, held.shape);
    return (isMoving ? moving?.points : outline?.points)?.[held.index] ?? null;
  }
}

async function underPaint(preview: string, under: string | null): Promise<string> {
  if (preview || !under) return preview;
  // Where the result has no matte one begins with nothing.
  return bytes(under, new AbortController().signal).then(base64Of, () => "");
}
