import { Circle, Group, Line, Path, Rect } from "react-konva";
import type { ControlPoint } from "../review/documents";
import { type Click, type Curve, curvePath } from "../review/prompted";
import type { Box, Said, Stroke } from "./model";

interface MarksProps {
  said: Said;
  color: string;
  isPicked: boolean;
  /** Pixels of the screen that a plate pixel takes. */
  scale: number;
  aspect: number;
}

const RADIUS = 6;
const POSITIVE = "#35c46a";
const NEGATIVE = "#e2483d";

/** The clicks and the box of one object on a frame. A plus and a minus tell what colour does too. */
export function Marks({ said, color, isPicked, scale, aspect }: MarksProps) {
  return (
    <Group listening={false} opacity={isPicked ? 1 : 0.5}>
      {said.box && <BoxMark box={said.box} color={color} />}
      {said.curves?.map((curve, index) => (
        <CurveMark key={index} curve={curve} color={color} />
      ))}
      {said.points.map((click, index) => (
        <ClickMark key={index} click={click} scale={scale} aspect={aspect} />
      ))}
    </Group>
  );
}

export function BoxMark({ box: [x0, y0, x1, y1], color }: { box: Box; color: string }) {
  const sides = { x: x0, y: y0, width: x1 - x0, height: y1 - y0, strokeScaleEnabled: false, listening: false };
  return (
    <>
      <Rect {...sides} stroke="#000" strokeWidth={3} opacity={0.5} />
      <Rect {...sides} stroke={color} strokeWidth={1.5} />
    </>
  );
}

/** A shape that shows where the object is; one that takes away is dashed. */
function CurveMark({ curve, color }: { curve: Curve; color: string }) {
  const dash = curve.mode === "subtract" ? [6, 4] : undefined;
  const line = { stroke: color, strokeWidth: 1.5, dash, strokeScaleEnabled: false, listening: false };
  return <Path data={curvePath(curve)} {...line} />;
}

function ClickMark({ click, scale, aspect }: { click: Click; scale: number; aspect: number }) {
  return (
    <Group x={click.x} y={click.y} scaleX={1 / scale / aspect} scaleY={1 / scale}>
      <Circle radius={RADIUS} fill={click.positive ? POSITIVE : NEGATIVE} stroke="#fff" strokeWidth={1.5} />
      <Path data={click.positive ? "M-3 0H3M0 -3V3" : "M-3 0H3"} stroke="#fff" strokeWidth={1.5} />
    </Group>
  );
}

/** A stroke while it is drawn, and until a mask shows it. */
export function StrokeMark({ stroke, color }: { stroke: Stroke; color: string }) {
  const [first] = stroke.points;
  const points = stroke.points.length === 1 && first ? [...first, first[0] + 0.01, first[1]] : stroke.points.flat();
  return (
    <Line
      points={points}
      stroke={stroke.erase ? "#000" : color}
      strokeWidth={2 * stroke.radius}
      lineCap="round"
      lineJoin="round"
      opacity={0.5}
      listening={false}
    />
  );
}

/** The tangents of the point that is picked. */
export function Tangents({ point, scale, aspect }: { point: ControlPoint; scale: number; aspect: number }) {
  const [x, y, inX, inY, outX, outY] = point;
  const ends = [
    [x + inX, y + inY],
    [x + outX, y + outY],
  ] as const;
  return (
    <Group listening={false}>
      {ends.map(([endX, endY], index) => (
        <Group key={index}>
          <Line points={[x, y, endX, endY]} stroke="#fff" strokeWidth={1} strokeScaleEnabled={false} />
          <Circle
            x={endX}
            y={endY}
            scaleX={1 / aspect}
            radius={4 / scale}
            fill="#f0a23b"
            stroke="#1a1408"
            strokeWidth={1}
            strokeScaleEnabled={false}
          />
        </Group>
      ))}
      <Circle x={x} y={y} scaleX={1 / aspect} radius={5 / scale} fill="#f0a23b" stroke="#fff" strokeWidth={1} strokeScaleEnabled={false} />
    </Group>
  );
}
