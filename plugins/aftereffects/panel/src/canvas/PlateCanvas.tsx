/** The canvas over a frame: clicks, boxes, zoom; everything with the keyboard as well. */

import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";

import type { Box, FramePrompt } from "../model/prompts";
import { draw, type Scene, type ShownPrompt } from "./draw";
import { type Act, drag, drawn, type Hold, pointAt, press, release, type Tool } from "./gestures";
import {
  fit,
  isInside,
  ontoPlate,
  panned,
  type Point,
  type Size,
  toPlate,
  type View,
  zoomed,
} from "./view";

export interface PlateCanvasProps {
  plate: Size;
  pixelAspect: number;
  frame: number | null;
  picture: Scene["picture"];
  pictureFrame: number | null;
  masks: readonly CanvasImageSource[];
  maskFrame: number | null;
  prompts: readonly ShownPrompt[];
  /** What is said of the chosen object on this frame: its points can be dragged. */
  own: FramePrompt;
  tool: Tool;
  onClick(x: number, y: number, positive: boolean): void;
  onBox(box: Box): void;
  onMove(place: number, x: number, y: number, first: boolean): void;
  onRemove(place: number): void;
  onUndo(): void;
  onRedo(): void;
  onStep(frames: number): void;
}

const WHEEL = 1.0015;
const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function PlateCanvas(props: PlateCanvasProps) {
  const { plate, pixelAspect } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState<Size>({ width: 300, height: 200 });
  const [hold, setHold] = useState<Hold | null>(null);
  const [cursor, setCursor] = useState<Point | null>(null);
  const [corner, setCorner] = useState<Point | null>(null);
  const [zoom, setZoom] = useState<View | null>(null);
  const space = useRef(false);
  const whole = useMemo(() => fit(plate, pixelAspect, size), [plate, pixelAspect, size]);
  const view = zoom ?? whole;

  useEffect(() => setZoom(null), [plate.width, plate.height, pixelAspect, size]);
  useEffect(() => watchSize(canvas.current!, setSize), []);

  useEffect(() => {
    const ratio = window.devicePixelRatio || 1;
    const element = canvas.current!;
    element.width = Math.round(size.width * ratio);
    element.height = Math.round(size.height * ratio);
    const cornered: Box | null = corner && cursor && [corner.x, corner.y, cursor.x, cursor.y];
    const rubber = drawn(hold) ?? cornered;
    const { picture, masks, prompts } = props;
    draw(
      element.getContext("2d")!,
      { plate, view, picture, masks, prompts, rubber, cursor },
      size,
      ratio,
    );
  });

  // React's wheel listeners are passive: the panel would scroll along.
  useEffect(() => {
    const element = canvas.current!;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const at = placeOf(element, event);
      const factor = WHEEL ** -event.deltaY;
      setZoom((old) => zoomed(old ?? whole, at, factor, plate, pixelAspect, size));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [whole, plate, pixelAspect, size]);

  function perform(act: Act | null): void {
    if (!act) return;
    if (act.kind === "click") props.onClick(act.x, act.y, act.positive);
    else if (act.kind === "box") props.onBox(act.box);
    else if (act.kind === "move") props.onMove(act.place, act.x, act.y, act.first);
    else setZoom((old) => panned(old ?? whole, act.dx, act.dy, plate, size));
  }

  function onDown(event: PointerEvent<HTMLCanvasElement>): void {
    const at = placeOf(event.currentTarget, event);
    setCursor(null);
    setCorner(null);
    if (event.button === 2) {
      const place = pointAt(props.own, view, at);
      if (place >= 0) props.onRemove(place);
      return;
    }
    const { button, altKey: alt } = event;
    const next = press(
      { at, button, alt, space: space.current },
      props.tool,
      props.own,
      view,
      plate,
    );
    if (!next) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    setHold(next);
  }

  function onPointerMove(event: PointerEvent<HTMLCanvasElement>): void {
    if (!hold) return;
    const next = drag(hold, placeOf(event.currentTarget, event), view, plate);
    setHold(next.hold);
    perform(next.act);
  }

  function onUp(): void {
    if (!hold) return;
    setHold(null);
    perform(release(hold, props.tool));
  }

  function onKey(event: KeyboardEvent<HTMLCanvasElement>): void {
    if (handleKey(event)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  function handleKey(event: KeyboardEvent): boolean {
    const { key } = event;
    if (key === " ") {
      space.current = true;
      return true;
    }
    if (key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) {
      if (event.shiftKey) props.onRedo();
      else props.onUndo();
      return true;
    }
    const arrow = ARROWS[key];
    if (arrow) {
      moveCursor(arrow, event.shiftKey ? 20 : 1);
      return true;
    }
    if (key === "PageUp" || key === "PageDown") {
      props.onStep(key === "PageUp" ? -1 : 1);
      return true;
    }
    if (key === "Escape") {
      setCursor(null);
      setCorner(null);
      setHold(null);
      return true;
    }
    if (key === "f" || key === "F") {
      setZoom(null);
      return true;
    }
    return cursor !== null && atCursor(key, cursor, event.altKey);
  }

  function moveCursor([dx, dy]: readonly [number, number], by: number): void {
    const middle = toPlate(view, { x: size.width / 2, y: size.height / 2 });
    // Screen pixels, at least a plate pixel: what an eye can follow at any zoom.
    const step = Math.max(1, Math.round(2 / view.y)) * by;
    setCursor((old) => {
      const from = old ?? { x: Math.floor(middle.x) + 0.5, y: Math.floor(middle.y) + 0.5 };
      return ontoPlate(plate, old ? { x: from.x + dx * step, y: from.y + dy * step } : from);
    });
  }

  function atCursor(key: string, at: Point, alt: boolean): boolean {
    if (!isInside(plate, at)) return false;
    if (key === "Enter" && props.tool === "box") {
      if (corner && corner.x !== at.x && corner.y !== at.y) {
        props.onBox([corner.x, corner.y, at.x, at.y]);
        setCorner(null);
      } else setCorner(at);
      return true;
    }
    if (key === "Enter" || key === "+" || key === "-") {
      const positive = key === "Enter" ? (props.tool === "add") !== alt : key === "+";
      props.onClick(at.x, at.y, positive);
      return true;
    }
    if (key === "Delete" || key === "Backspace") {
      const near = nearest(props.own, at);
      if (near >= 0) props.onRemove(near);
      return true;
    }
    return false;
  }

  return (
    <canvas
      ref={canvas}
      className="plate"
      style={{ aspectRatio: `${plate.width * pixelAspect} / ${plate.height}` }}
      data-testid="plate"
      data-view={[view.left, view.top, view.x, view.y].join(" ")}
      data-frame={props.pictureFrame ?? ""}
      data-mask={props.maskFrame ?? ""}
      role="application"
      aria-label="Plate"
      aria-describedby="plate-keys"
      tabIndex={0}
      onPointerDown={onDown}
      onPointerMove={onPointerMove}
      onPointerUp={onUp}
      onPointerCancel={() => setHold(null)}
      onContextMenu={(event) => event.preventDefault()}
      onDoubleClick={(event) => event.preventDefault()}
      onKeyDown={onKey}
      onKeyUp={(event) => {
        if (event.key === " ") space.current = false;
      }}
      onBlur={() => {
        space.current = false;
      }}
    />
  );
}

/** Not `offsetX`, which is whole pixels. */
function placeOf(canvas: HTMLElement, event: { clientX: number; clientY: number }): Point {
  const frame = canvas.getBoundingClientRect();
  return { x: event.clientX - frame.left, y: event.clientY - frame.top };
}

function nearest(prompt: FramePrompt, at: Point): number {
  let best = -1;
  let least = Infinity;
  for (const [place, point] of prompt.points.entries()) {
    const far = Math.hypot(point.x - at.x, point.y - at.y);
    if (far < least) [best, least] = [place, far];
  }
  return best;
}

function watchSize(canvas: HTMLCanvasElement, tell: (size: Size) => void): () => void {
  const observer = new ResizeObserver(() => {
    tell({ width: canvas.clientWidth, height: canvas.clientHeight });
  });
  observer.observe(canvas);
  return () => observer.disconnect();
}
