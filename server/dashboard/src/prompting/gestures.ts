/** A press on the picture, followed until it is let go, wherever that is. */

import type Konva from "konva";
import { type PlatePoint, toPlate } from "../review/Viewer";

export type Press = Konva.KonvaEventObject<PointerEvent>;

interface Follower {
  /** Where the pointer is, in plate pixels; it may have left the plate. */
  move(at: PlatePoint, event: PointerEvent): void;
  end(at: PlatePoint, event: PointerEvent): void;
  /** The browser took the pointer away, or a second finger came to zoom: nothing of it holds. */
  cancel(): void;
}

export function follow(press: Press, aspect: number, follower: Follower): void {
  const stage = press.target.getStage();
  const { pointerId } = press.evt;
  const over = new AbortController();
  const where = (event: PointerEvent): PlatePoint => {
    stage?.setPointersPositions(event);
    const at = stage?.getPointerPosition() ?? { x: 0, y: 0 };
    return toPlate(at, { scale: stage?.scaleX() ?? 1, x: stage?.x() ?? 0, y: stage?.y() ?? 0 }, aspect);
  };
  const hear = (kind: "pointermove" | "pointerup" | "pointercancel", told: (event: PointerEvent) => void) =>
    window.addEventListener(kind, (event) => event.pointerId === pointerId && told(event), { signal: over.signal });
  window.addEventListener("pointerdown", (event) => event.pointerId !== pointerId && giveUp(), { signal: over.signal });
  hear("pointermove", (event) => follower.move(where(event), event));
  hear("pointerup", (event) => {
    over.abort();
    follower.end(where(event), event);
  });
  hear("pointercancel", giveUp);

  function giveUp(): void {
    over.abort();
    follower.cancel();
  }
}
