import { Group, Path } from "react-konva";
import { type Outline, outlinesAt, pathOf, type RotoDocument } from "./documents";

interface SplinesProps {
  document: RotoDocument;
  at: number;
  /** Frames before and after whose outlines show through. */
  onion: number;
  hidden: ReadonlySet<string>;
  colorOf(name: string): string;
  /** Pixels of the screen that a plate pixel takes. */
  scale: number;
}

const BEFORE = "#ff9a90";
const AFTER = "#8fb4f5";
const POINT = 5;

/** The outlines of a frame with their points; those of the frames around it in two other colours. */
export function Splines({ document, at, onion, hidden, colorOf, scale }: SplinesProps) {
  const seen = (frame: number) => outlinesAt(document, frame).filter(({ layer }) => !hidden.has(layer));
  const around = Array.from({ length: onion }, (_, index) => onion - index);
  return (
    <Group listening={false}>
      {around.flatMap((far) =>
        [-far, far].flatMap((by) =>
          seen(at + by).map((outline) => (
            <Path
              key={`${by} ${outline.shape}`}
              data={pathOf(outline.points, outline.closed)}
              stroke={by < 0 ? BEFORE : AFTER}
              strokeWidth={1}
              strokeScaleEnabled={false}
              opacity={0.75 - (0.5 * far) / (onion + 1)}
            />
          )),
        ),
      )}
      {seen(at).map((outline) => (
        <Group key={outline.shape}>
          <Path
            data={pathOf(outline.points, outline.closed)}
            stroke={colorOf(outline.layer)}
            strokeWidth={1.5}
            strokeScaleEnabled={false}
          />
          <Path
            data={squares(outline, POINT / scale)}
            stroke="#fff"
            fill={outline.isKey ? "#fff" : "#2e2e2e"}
            strokeWidth={1}
            strokeScaleEnabled={false}
          />
        </Group>
      ))}
    </Group>
  );
}

/** A square on every point, as one path: there may be hundreds. */
function squares({ points }: Outline, side: number): string {
  return points
    .map(([x, y]) => `M${x - side / 2} ${y - side / 2}h${side}v${side}h${-side}Z`)
    .join("");
}
