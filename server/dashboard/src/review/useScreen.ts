import { useEffect, useMemo, useRef, useState } from "react";
import { runClock } from "./clock";
import type { PlayerStore } from "./player";
import { type Reel, Screen } from "./screen";

interface Playing {
  screen: Screen;
  /** Another each time something was drawn. */
  revision: number;
  /** Frames per second, while it plays. */
  measured: number | null;
}

/** A canvas that shows what the player is at, and the clock that moves it. */
export function useScreen(player: PlayerStore, reel: Reel | null, fps: number): Playing {
  const screen = useMemo(() => new Screen(), []);
  const [revision, setRevision] = useState(0);
  const [measured, setMeasured] = useState<number | null>(null);
  const speed = useRef(fps);
  speed.current = fps;

  useEffect(() => {
    if (!reel) return;
    screen.load(reel);
    let frame = 0;
    const show = () => {
      frame = 0;
      if (screen.show(player.getState())) setRevision((before) => before + 1);
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

  useEffect(
    () =>
      runClock({
        player,
        fps: () => speed.current,
        isThere: (frame) => screen.isThere(player.getState(), frame),
        measured: setMeasured,
      }),
    [screen, player],
  );
  useEffect(() => () => screen.close(), [screen]);
  return { screen, revision, measured };
}
