import { Group, Label, Tag, Text, Circle } from "react-konva";
import type { Thread } from "./notes";

interface PinsProps {
  threads: readonly Thread[];
  picked: string | null;
  /** Where a note that is being written will stand. */
  place: { x: number; y: number } | null;
  scale: number;
  aspect: number;
  onPick(id: string): void;
}

const COLOUR = "#f0a23b";
const INK = "#1a1408";

/** Notes at their places on the frame, by their numbers. */
export function Pins({ threads, picked, place, scale, aspect, onPick }: PinsProps) {
  return (
    <>
      {threads.map(({ head, number }) => (
        <Group
          key={head.id}
          x={head.x ?? 0}
          y={head.y ?? 0}
          scaleX={1 / scale / aspect}
          scaleY={1 / scale}
          onPointerDown={() => onPick(head.id)}
        >
          <Circle radius={5} stroke={INK} strokeWidth={1} fill={COLOUR} />
          <Label x={8} y={-24}>
            <Tag fill={COLOUR} cornerRadius={3} stroke={picked === head.id ? "#fff" : INK} strokeWidth={1} />
            <Text text={`${number}  ${head.text.split("\n")[0]?.slice(0, 40)}`} padding={4} fontSize={12} fill={INK} />
          </Label>
        </Group>
      ))}
      {place && (
        <Group x={place.x} y={place.y} scaleX={1 / scale / aspect} scaleY={1 / scale} listening={false}>
          <Circle radius={9} stroke={COLOUR} strokeWidth={2} />
          <Circle radius={2} fill={COLOUR} />
        </Group>
      )}
    </>
  );
}
