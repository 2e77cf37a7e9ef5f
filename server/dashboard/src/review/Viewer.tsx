/**
 * The picture, as large as it fits or as large as somebody wants it, and what lies over it in plate
 * pixels: `children` are Konva nodes, origin at the plate's top-left corner, y down.
 */

import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Image, Layer, Stage } from "react-konva";
import type Konva from "konva";
import { useShortcuts } from "../app/shortcuts";
import styles from "./Viewer.module.css";

export interface Place {
  scale: number;
  x: number;
  y: number;
}

export interface PlatePoint {
  x: number;
  y: number;
}

interface ViewerProps {
  /** The plate, in pixels; its pixel aspect, which the picture is stretched by. */
  width: number;
  height: number;
  aspect: number;
  /** What to show, of any size; drawn anew when `revision` changes. */
  picture: HTMLCanvasElement;
  revision: unknown;
  label: string;
  /** Told of clicks on the plate; without it a drag moves the picture. */
  onPress?(point: PlatePoint, event: Konva.KonvaEventObject<PointerEvent>): void;
  children?(place: Place): ReactNode;
}

const STEP = 1.15;
const LEAST = 0.02;
const MOST = 40;

export function Viewer(props: ViewerProps) {
  const box = useRef<HTMLDivElement>(null);
  const image = useRef<Konva.Image>(null);
  const size = useSize(box);
  const [chosen, setChosen] = useState<Place | null>(null);
  const fitted = fit(props.width * props.aspect, props.height, size);
  const place = chosen ?? fitted;

  useShortcuts("Picture", {
    f: { label: "Fit", run: () => setChosen(null) },
    "1": { label: "One to one", run: () => setChosen(centred(1, props, size)) },
    "+": { label: "Nearer", run: () => setChosen(zoomed(place, STEP, middle(size))) },
    "-": { label: "Farther", run: () => setChosen(zoomed(place, 1 / STEP, middle(size))) },
  });
  // At once, and before the browser paints: a frame's number is never seen beside another frame.
  useLayoutEffect(() => {
    image.current?.getLayer()?.draw();
  }, [props.revision]);

  const wheel = useCallback(
    (event: Konva.KonvaEventObject<WheelEvent>) => {
      event.evt.preventDefault();
      const at = event.target.getStage()?.getPointerPosition();
      if (at) setChosen(zoomed(place, event.evt.deltaY < 0 ? STEP : 1 / STEP, at));
    },
    [place],
  );

  const pinch = useRef<{ apart: number; at: PlatePoint } | null>(null);

  function spread(event: Konva.KonvaEventObject<TouchEvent>): void {
    const [one, two] = event.evt.touches;
    const around = box.current?.getBoundingClientRect();
    if (!one || !two || !around) return;
    event.evt.preventDefault();
    event.target.getStage()?.stopDrag();
    const apart = Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY);
    const at = {
      x: (one.clientX + two.clientX) / 2 - around.left,
      y: (one.clientY + two.clientY) / 2 - around.top,
    };
    const before = pinch.current;
    pinch.current = { apart, at };
    if (!before) return;
    const { scale, x, y } = zoomed(place, apart / before.apart, before.at);
    setChosen({ scale, x: x + at.x - before.at.x, y: y + at.y - before.at.y });
  }

  function press(event: Konva.KonvaEventObject<PointerEvent>): void {
    const stage = event.target.getStage();
    const at = stage?.getPointerPosition();
    if (!stage || !at || !props.onPress || event.evt.button !== 0 || !event.evt.isPrimary) return;
    props.onPress(toPlate(at, place, props.aspect), event);
  }

  return (
    <div ref={box} className={styles.viewer} role="img" aria-label={props.label} data-scale={place.scale}
      data-x={place.x} data-y={place.y}>
      <Stage
        width={size.width}
        height={size.height}
        x={place.x}
        y={place.y}
        scaleX={place.scale}
        scaleY={place.scale}
        draggable={!props.onPress}
        onDragEnd={(event) => {
          if (event.target === event.target.getStage()) {
            setChosen({ scale: place.scale, x: event.target.x(), y: event.target.y() });
          }
        }}
        onWheel={wheel}
        onTouchMove={spread}
        onTouchEnd={() => void (pinch.current = null)}
        onTouchCancel={() => void (pinch.current = null)}
        onPointerDown={press}
      >
        <Layer listening={false} imageSmoothingEnabled={place.scale < 4}>
          <Image ref={image} image={props.picture} width={props.width * props.aspect} height={props.height} />
        </Layer>
        <Layer scaleX={props.aspect}>{props.children?.(place)}</Layer>
      </Stage>
    </div>
  );
}

/** What lies under a point of the viewer, in plate pixels. */
export function toPlate(at: PlatePoint, place: Place, aspect: number): PlatePoint {
  return { x: (at.x - place.x) / place.scale / aspect, y: (at.y - place.y) / place.scale };
}

interface Size {
  width: number;
  height: number;
}

export function fit(width: number, height: number, room: Size): Place {
  const scale = Math.min(room.width / width, room.height / height) || 1;
  return { scale, x: (room.width - width * scale) / 2, y: (room.height - height * scale) / 2 };
}

/** Nearer or farther by `factor`; what is under `at` stays there. */
export function zoomed(place: Place, factor: number, at: PlatePoint): Place {
  const scale = Math.min(Math.max(place.scale * factor, LEAST), MOST);
  const by = scale / place.scale;
  return { scale, x: at.x - (at.x - place.x) * by, y: at.y - (at.y - place.y) * by };
}

function centred(scale: number, { width, height, aspect }: ViewerProps, room: Size): Place {
  return { scale, x: (room.width - width * aspect * scale) / 2, y: (room.height - height * scale) / 2 };
}

function middle({ width, height }: Size): PlatePoint {
  return { x: width / 2, y: height / 2 };
}

function useSize(box: React.RefObject<HTMLDivElement | null>): Size {
  const [size, setSize] = useState<Size>({ width: 640, height: 360 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [box]);
  return size;
}
