import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { runClock } from "./clock";
import type { Lack } from "./lacks";
import type { PlayerStore } from "./player";
import { type Reel, Screen } from "./screen";

interface Playing {
  screen: Screen;
  /** Another each time something was drawn. */
  revision: number;
  /** Frames per second, while it plays. */
  measured: number | null;
  /** What the frame is shown without, or waits for in vain. */
  lacks: readonly Lack[];
}

/** How often the server is tried again that could not be reached. */
const REACH_MS = 3000;

/** A canvas that shows what the player is at, and the clock that moves it. */
export function useScreen(player: PlayerStore, reel: Reel | null, fps: number): Playing {
  const screen = useMemo(() => new Screen(), []);
  const [revision, setRevision] = useState(0);
  const [measured, setMeasured] = useState<number | null>(null);
  const [lacks, setLacks] = useState<readonly Lack[]>([]);
  const speed = useRef(fps);
  speed.current = fps;

  useEffect(() => {
    if (!reel) return;
    screen.load(reel);
    let frame = 0;
    const show = () => {
      frame = 0;
      if (screen.show(player.getState())) setRevision((before) => before + 1);
      const lacking = screen.lacking(player.getState());
      setLacks((before) => (isSame(before, lacking) ? before : lacking));
    };
    const soon = () => {
      frame ||= requestAnimationFrame(show);
    };
    const come = () => {
      if (screen.isBehind()) soon();
    };
    const ends = [player.subscribe(soon), screen.listen(come)];
    soon();
    return () => {
      cancelAnimationFrame(frame);
      ends.forEach((end) => void end());
    };
  }, [screen, player, reel]);

  const painted = useRef<number | null>(null);
  useLayoutEffect(() => {
    painted.current = screen.shown;
  }, [screen, revision]);

  useEffect(
    () =>
      runClock({
        player,
        fps: () => speed.current,
        // Not on before the page has painted where it is: a slow browser plays slower, and leaves
        // no frame out.
        isThere: (frame) => painted.current === player.getState().at && screen.isThere(player.getState(), frame),
        measured: setMeasured,
      }),
    [screen, player],
  );
  useEffect(() => {
    const timer = setInterval(() => screen.reach(), REACH_MS);
    return () => clearInterval(timer);
  }, [screen]);
  useEffect(() => () => screen.close(), [screen]);
  return { screen, revision, measured, lacks };
}

function isSame(one: readonly Lack[], other: readonly Lack[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ object, why }, index) => object === other[index]?.object && why === other[index]?.why)
  );
}
