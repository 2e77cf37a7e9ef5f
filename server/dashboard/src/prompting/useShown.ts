/** The masks that lie over a frame in place of what was tracked there. */

import type { Version } from "../api/shots";
import { matteAddress, type Matte } from "../review/sources";
import { type DraftObject, isOwnMask, isSilent, saidOn } from "./model";
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
    const found = (isOwnMask(said) ? paints : previews).masks?.get(object.key);
    return found ? [{ object, ...found }] : [];
  });
  return {
    shown,
    isLooking: previews.isBehind || paints.isBehind,
    waits: previews.waits,
    error: previews.error,
    again: previews.again,
    /** Paint that the farm has not answered, by object: until it does one sees what one drew. */
    unanswered: objects.flatMap((object) => {
      const said = saidOn(object, frame);
      const isOpen = previews.isBehind || previews.error !== null;
      return isOpen && said.paint && !isOwnMask(said) ? [{ object, strokes: said.paint.strokes }] : [];
    }),
    /** The names of the objects whose own matte is not to be seen. */
    replaced: objects
      .filter((object) => saidOn(object, frame).absent || shown.some((one) => one.object === object))
      .map(({ name }) => name),
    /** The masks that the engine offers for an object, best first, and which of them is meant. */
    candidatesOf: (object: DraftObject) => {
      const found = previews.isBehind ? undefined : previews.masks?.get(object.key);
      const { candidates = [] } = found ?? {};
      const at = candidates.indexOf(saidOn(object, frame).choice ?? candidates[0] ?? "");
      return { candidates, at };
    },
    /** What a first stroke goes over: a mask that is shown, or the address of a result's matte. */
    baseOf: (key: string) => ({
      preview: shown.find((one) => one.object.key === key)?.png ?? "",
      under: asked.find((one) => one.key === key)?.under ?? null,
    }),
  };
}
