/**
 * Plate frames and After Effects' seconds. A frame is `Math.round(t / frameDuration)`: rounding
 * down is wrong for one frame in twenty at most rates.
 */

export interface Clock {
  /** Seconds a frame of the composition lasts. */
  frameDuration: number;
  /** The composition's frame on which the layer starts. */
  start: number;
  firstFrame: number;
}

export function clockOf(comp: CompItem, layer: AVLayer, firstFrame: number): Clock {
  const frameDuration = comp.frameDuration;
  return {
    frameDuration: frameDuration,
    start: Math.round(layer.startTime / frameDuration),
    firstFrame: firstFrame
  };
}

/** Seconds of the composition at which a plate frame is shown. */
export function timeOf(clock: Clock, frame: number): number {
  return (clock.start + frame - clock.firstFrame) * clock.frameDuration;
}

export function timesOf(clock: Clock, frames: number[]): number[] {
  const times: number[] = [];
  for (let i = 0; i < frames.length; i++) {
    times.push(timeOf(clock, frames[i]));
  }
  return times;
}

/** The plate frame nearest to a time of the composition. */
export function frameAt(clock: Clock, time: number): number {
  return Math.round(time / clock.frameDuration) - clock.start + clock.firstFrame;
}

/** Whether a time lies on a frame, as near as After Effects keeps times. */
export function isOnFrame(clock: Clock, time: number): boolean {
  const frame = time / clock.frameDuration;
  return Math.abs(frame - Math.round(frame)) < 0.01;
}
