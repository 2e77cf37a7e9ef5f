import { type CSSProperties, useEffect, useMemo, useRef, useState } from "react";
import { change, figuresOf, type Heat, heatOf, type Marks, marksOf, type StripObject, worst } from "./strip";
import styles from "./HeatStrip.module.css";

export interface Marked extends StripObject {
  name: string;
  prompts: readonly number[];
  keys: readonly number[];
}

interface HeatStripProps {
  first: number;
  last: number;
  at: number;
  loop: readonly [number, number];
  objects: readonly Marked[];
  /** Plate frames with notes. */
  notes: readonly number[];
  /** Frames somebody has marked. */
  marks?: readonly number[];
  /** What those marks are called. */
  marked?: string;
  onGo(frame: number): void;
}

const NO_MARKS: readonly number[] = [];
const HEIGHT = 44;
const CHANGE = 6;
const COLOURS: Record<Heat, string> = {
  unknown: "#4a4a4d",
  sure: "#3c7a50",
  fair: "#8f8a3a",
  doubtful: "#c07a2c",
  bad: "#d4483b",
};

/**
 * Every frame of the shot in one row; a click or a drag goes there, arrow keys step. What the colours
 * and marks stand for is said of the frame under the pointer, or where the keys are.
 */
export function HeatStrip(props: HeatStripProps) {
  const { first, last, at, loop, objects, notes, marks = NO_MARKS, marked = "own mark", onGo } = props;
  const canvas = useRef<HTMLCanvasElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const frames = last - first + 1;
  const heat = useMemo(() => worst(objects, frames), [objects, frames]);
  const changes = useMemo(() => change(objects, frames), [objects, frames]);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const paint = () => draw(element, props, heat, changes);
    paint();
    const watch = new ResizeObserver(paint);
    watch.observe(element);
    return () => watch.disconnect();
  }, [first, last, at, loop, objects, notes, marks, heat, changes]);

  function go(event: React.PointerEvent<HTMLCanvasElement>): void {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const frame = first + Math.floor(((event.clientX - left) / width) * frames);
    setPointed(Math.min(Math.max(frame, first), last));
    if (event.type === "pointerdown" || event.buttons === 1) onGo(frame);
  }

  const named: Marks = [
    ["prompt", objects.flatMap(({ prompts }) => prompts)],
    ["key", objects.flatMap(({ keys }) => keys)],
    ["note", notes],
    [marked, marks],
  ];
  const said = (frame: number) =>
    [frame, figuresOf(heat[frame - first] ?? null, objects, frame - first), marksOf(named, frame)].filter(Boolean).join(", ");
  const told = pointed ?? at;
  return (
    <div className={styles.box}>
      <canvas
        ref={canvas}
        className={styles.strip}
        height={HEIGHT}
        tabIndex={0}
        role="slider"
        aria-label="Frame"
        aria-valuemin={first}
        aria-valuemax={last}
        aria-valuenow={at}
        aria-valuetext={`Frame ${said(at)}`}
        onPointerDown={go}
        onPointerMove={go}
        onPointerLeave={() => setPointed(null)}
      />
      <span className={styles.figures} style={{ "--at": (told - first + 0.5) / frames } as CSSProperties} aria-hidden="true">
        {said(told)}
      </span>
    </div>
  );
}

function draw(
  canvas: HTMLCanvasElement,
  { first, last, at, loop, objects, notes, marks = NO_MARKS }: HeatStripProps,
  heat: readonly (number | null)[],
  changes: readonly number[],
): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const ratio = devicePixelRatio;
  canvas.width = canvas.clientWidth * ratio;
  canvas.height = HEIGHT * ratio;
  context.scale(ratio, ratio);
  const width = canvas.clientWidth;
  const frames = last - first + 1;
  const left = (frame: number) => ((frame - first) / frames) * width;
  const wide = Math.max(width / frames, 1);
  context.fillStyle = COLOURS.unknown;
  context.fillRect(0, 0, width, HEIGHT);
  // The worst last, so that it is what a column shows that many frames share.
  const order = heat.map((_, index) => index).sort((a, b) => (heat[b] ?? 2) - (heat[a] ?? 2));
  for (const index of order) {
    context.fillStyle = COLOURS[heatOf(heat[index] ?? null)];
    context.fillRect(left(first + index), CHANGE, wide, HEIGHT - 2 * CHANGE);
  }
  context.fillStyle = "#e8e8ea";
  changes.forEach((strength, index) => {
    if (strength > 0) context.fillRect(left(first + index), 0, wide, CHANGE * strength);
  });
  mark(context, objects.flatMap(({ keys }) => keys), left, wide, "#9db0c8", HEIGHT - CHANGE, 3);
  mark(context, objects.flatMap(({ prompts }) => prompts), left, wide, "#ffffff", HEIGHT - CHANGE, CHANGE);
  mark(context, notes, left, wide, "#f0a23b", CHANGE, 8);
  mark(context, marks, left, wide, "#8ab8f0", HEIGHT / 2 - 4, 8);
  context.fillStyle = "rgb(0 0 0 / 55%)";
  context.fillRect(0, 0, left(loop[0]), HEIGHT);
  context.fillRect(left(loop[1] + 1), 0, width, HEIGHT);
  context.strokeStyle = "#fff";
  context.lineWidth = 2;
  context.strokeRect(left(at) + 0.5, 1, Math.max(wide - 1, 1), HEIGHT - 2);
}

function mark(
  context: CanvasRenderingContext2D,
  frames: readonly number[],
  left: (frame: number) => number,
  wide: number,
  colour: string,
  top: number,
  height: number,
): void {
  context.fillStyle = colour;
  for (const frame of frames) context.fillRect(left(frame) + wide / 2 - 1.5, top, 3, height);
}
