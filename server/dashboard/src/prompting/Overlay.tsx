import type { RotoDocument } from "../review/documents";
import { Splines } from "../review/Splines";
import { BoxMark, Marks, StrokeMark, Tangents } from "./Marks";
import { Mask } from "./Masks";
import { type DraftObject, saidOn, type Size, type Stroke } from "./model";
import type { ShownMask } from "./useShown";
import type { Tools } from "./useTools";

interface OverlayProps {
  objects: readonly DraftObject[];
  picked: DraftObject | undefined;
  frame: number;
  /** Whether the picture is still that of another frame. */
  isBehind: boolean;
  shown: readonly ShownMask[];
  unanswered: readonly { object: DraftObject; strokes: readonly Stroke[] }[];
  document: RotoDocument | undefined;
  tools: Tools;
  plate: Size;
  scale: number;
  aspect: number;
}

const NONE: ReadonlySet<string> = new Set();
const WHITE = "#fff";

/** What lies over the plate: masks, outlines, and what is said. */
export function Overlay({ objects, picked, frame, isBehind, shown, unanswered, document, tools, ...on }: OverlayProps) {
  const { plate, scale, aspect } = on;
  const color = picked?.color ?? WHITE;
  const colorOf = (name: string) => objects.find((one) => one.name === name)?.color ?? WHITE;
  if (isBehind) return null;
  return (
    <>
      {shown.map(({ object, matte }) => (
        <Mask key={object.key} matte={matte} color={object.color} {...plate} />
      ))}
      {unanswered.flatMap(({ object, strokes }) =>
        strokes.map((stroke, index) => <StrokeMark key={`${object.key} ${index}`} stroke={stroke} color={object.color} />),
      )}
      {document && <Splines document={document} at={frame} onion={0} hidden={NONE} colorOf={colorOf} scale={scale} />}
      {tools.grip && <Tangents point={tools.grip} scale={scale} aspect={aspect} />}
      {objects.map((object) => (
        <Marks
          key={object.key}
          said={saidOn(object, frame)}
          color={object.color}
          isPicked={object === picked}
          scale={scale}
          aspect={aspect}
        />
      ))}
      {tools.box && <BoxMark box={tools.box} color={color} />}
      {tools.stroke && <StrokeMark stroke={tools.stroke} color={color} />}
    </>
  );
}
