import { Group, Label, Line, Tag, Text } from "react-konva";

const WIDTH = 40;

interface WipeLineProps {
  width: number;
  height: number;
  /** 0 to 1 of the width. */
  at: number;
  /** What is on its left, and on its right. */
  names: readonly [string, string];
  scale: number;
  aspect: number;
  onMove(at: number): void;
}

/** Where one version ends and the other begins; it is dragged. */
export function WipeLine({ width, height, at, names, scale, aspect, onMove }: WipeLineProps) {
  return (
    <Group
      x={at * width}
      draggable
      onDragMove={({ target }) => {
        target.y(0);
        onMove(Math.min(Math.max(target.x() / width, 0), 1));
      }}
    >
      <Line points={[0, 0, 0, height]} stroke="#fff" strokeWidth={2} strokeScaleEnabled={false} hitStrokeWidth={24} />
      {names.map((name, side) => (
        <Group key={side} y={8 / scale} scaleX={1 / scale / aspect} scaleY={1 / scale}>
          <Label x={side === 0 ? -WIDTH - 6 : 6}>
            <Tag fill="#000" opacity={0.7} cornerRadius={3} />
            <Text text={name} width={WIDTH} align="center" padding={4} fontSize={12} fill="#fff" />
          </Label>
        </Group>
      ))}
    </Group>
  );
}
