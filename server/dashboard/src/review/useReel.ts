/** What is played: a version of a shot over the plate it was made of, and another beside it. */

import { useMemo } from "react";
import { type Plate, type Shot, usePlates, type Version } from "../api/shots";
import type { Marked } from "../ui/HeatStrip";
import { colorOf } from "./colors";
import type { Reel } from "./screen";
import { aligned } from "../ui/strip";
import { isLive } from "./useLiveMattes";
import { useFrames } from "./useVersion";

type Frames = NonNullable<ReturnType<typeof useFrames>["data"]>;

export interface ReviewedObject extends Marked {
  color: string;
}

/** `view`: what is shown of a shot where no version says it. */
export function useReel(shot: Shot | undefined, version: Version | null, other: Version | null, view = "main") {
  const frames = useFrames(version?.id ?? null);
  const others = useFrames(other?.id ?? null);
  const plates = usePlates(shot?.id ?? "");
  const isOf = (one: Plate) => (version ? one.id === version.plate?.id : one.view === view && one.current);
  const plate = plates.data?.find(isOf) ?? null;
  // Not the plate of today under the mattes of another, while it is not known which it was.
  const known = plate ?? (plates.isPending || (!version && view !== "main") ? null : shot);
  const { width = null, height = null, frame_range: range = null } = known ?? {};
  const [first, last] = (range as [number, number] | null) ?? [null, null];
  const cast = useCast(version, frames.data);
  const otherCast = useCast(other, others.data);
  const reel = useMemo<Reel | null>(() => {
    if (!shot || !width || !height) return null;
    const { view = "main", version: plateVersion = null } = plate ?? {};
    return { shot: shot.id, view, plateVersion, width, height, cast, other: otherCast };
  }, [shot?.id, plate?.id, width, height, cast, otherCast]);
  const objects = useMemo<ReviewedObject[]>(() => {
    const known = frames.data;
    if (!known || first === null || last === null) return [];
    return known.objects.map((one, index) => ({
      name: one.name,
      color: colorOf(one.color, index),
      confidence: aligned(one.confidence, known.first, first, last),
      area: aligned(one.area, known.first, first, last),
      prompts: one.prompts,
      keys: one.keys,
    }));
  }, [frames.data, first, last]);
  const aspect = plate?.pixel_aspect ?? shot?.pixel_aspect ?? 1;
  return { reel, objects, first, last, frames, plates, lists: [plates, frames, others], aspect };
}

/** The same while the same objects are in it: new figures alone load nothing anew. */
function useCast(version: Version | null, frames: Frames | undefined) {
  const attempt = frames?.attempt ?? null;
  const told = JSON.stringify(frames?.objects.map(({ name, color, prompts }, index) => [name, colorOf(color, index), prompts]) ?? []);
  return useMemo(() => {
    if (!version) return null;
    const known = JSON.parse(told) as [string, string, number[]][];
    const objects = known.map(([name, color, prompts]) => ({ name, color, prompts }));
    const making = version.state === "succeeded" ? null : { corrects: version.base_version !== null, lives: isLive(version.state) };
    return { job: version.id, attempt, objects, version: version.version, making };
  }, [version?.id, version?.state, attempt, told]);
}
