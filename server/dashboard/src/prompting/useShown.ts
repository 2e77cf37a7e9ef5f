/** The masks that lie over a frame in place of what was tracked there. */

import type { Version } from "../api/shots";
import { matteAddress, type Matte } from "../review/sources";
import { type DraftObject, isSilent, saidOn } from "./model";
import { type Asked, type PreviewAsked, usePaints, usePreview } from "./usePreview";

export interface ShownMask {
  object: DraftObject;
  matte: Matte;
  /** As the farm sent it; "" of what was painted here. */
  png: string;
}

/** `base`: the version whose mattes are corrected; `names`: the objects that it has. */
export function useShown(
  objects: readonly DraftObject[],
  what: PreviewAsked,
  base: Version | null,
  names: readonly string[],
) {
  const { frame } = what;
  const asked: Asked[] = objects.map((object) => ({
    key: object.key,
    name: object.name,
    said: saidOn(object, frame),
    under: base && names.includes(object.name) ? matteAddress(base.id, object.name, frame) : null,
  }));
  const previews = usePreview(what, asked);
  const paints = usePaints({ width: what.width, height: what.height }, asked);
  const shown = objects.flatMap((object): ShownMask[] => {
    const said = saidOn(object, frame);
    if (isSilent(said) || said.absent) return [];
    const isPaint = said.paint && !said.points.length && !said.box;
    const found = (isPaint ? paints : previews).masks?.get(object.key);
    return found ? [{ object, ...found }] : [];
  });
  return {
    shown,
    isLooking: previews.isBehind || paints.isBehind,
    error: previews.error,
    again: previews.again,
    /** The names of the objects whose own matte is not to be seen. */
    replaced: objects
      .filter((object) => saidOn(object, frame).absent || shown.some((one) => one.object === object))
      .map(({ name }) => name),
    /** What a first stroke goes over: a mask that is shown, or the address of a result's matte. */
    baseOf: (key: string) => ({
      preview: shown.find((one) => one.object.key === key)?.png ?? "",
      under: asked.find((one) => one.key === key)?.under ?? null,
    }),
  };
}
