import { useMemo } from "react";
import { Image } from "react-konva";
import type { Matte } from "../review/sources";

const TINT = 0.45;

/** A mask over all of the plate: tinted inside, its edge drawn. */
export function Mask({ matte, color, width, height }: { matte: Matte; color: string; width: number; height: number }) {
  const picture = useMemo(() => tinted(matte, color), [matte, color]);
  return <Image image={picture} width={width} height={height} listening={false} />;
}

function tinted({ fill, edge }: Matte, color: string): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: fill.width, height: fill.height });
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  context.globalAlpha = TINT;
  context.drawImage(fill, 0, 0);
  context.globalAlpha = 1;
  context.drawImage(edge, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = color;
  context.fillRect(0, 0, canvas.width, canvas.height);
  return canvas;
}
