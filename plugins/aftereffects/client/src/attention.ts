/** Frames that need you: where a tracked matte is probably not good enough (attention.py). */

/** Confidence below which a frame is worth a look: more likely bad than good. */
export const NEEDS_YOU = 0.5;
/** Confident frames between two stretches of doubt that do not part them. */
export const BRIDGE = 2;

/** Plate frames `first` to `last`, both included; `worst` has the lowest `confidence` (0..1). */
export interface Stretch {
  first: number;
  last: number;
  worst: number;
  confidence: number;
}

/**
 * The stretches of one object whose confidence is below `threshold`, worst first.
 *
 * `confidence`: plate frame -> 0..1 (the probability that the matte is good); frames that are not
 * there are not judged. Stretches begin and end on a frame in doubt; up to `bridge` frames between
 * two of them belong to both.
 */
export function needsYou(
  confidence: ReadonlyMap<number, number>,
  threshold: number = NEEDS_YOU,
  bridge: number = BRIDGE,
): Stretch[] {
  const stretches: Stretch[] = [];
  const doubtful = [...confidence].filter(([, value]) => value < threshold);
  doubtful.sort((one, other) => one[0] - other[0]);
  for (const [frame, value] of doubtful) {
    const last = stretches[stretches.length - 1];
    if (last && frame - last.last <= bridge + 1) {
      last.last = frame;
      if (value < last.confidence) {
        last.worst = frame;
        last.confidence = value;
      }
    } else {
      stretches.push({ first: frame, last: frame, worst: frame, confidence: value });
    }
  }
  return stretches.sort((a, b) => a.confidence - b.confidence || a.first - b.first);
}
