import { FrameField } from "../review/FrameField";
import type { Player } from "../review/player";
import { Button } from "../ui/Button";
import bench from "../ui/Workbench.module.css";
import styles from "./Prompting.module.css";

interface FrameBarProps {
  now: Player;
  /** Frames the engine is unsure of, the worst first; null where nothing was tracked. */
  doubtful: readonly number[] | null;
  onDoubtful(): void;
}

export function FrameBar({ now, doubtful, onDoubtful }: FrameBarProps) {
  const { at, first, last, direction } = now;
  return (
    <div className={bench.tools}>
      <div className={bench.group} role="group" aria-label="Playback">
        <Button small aria-label="A frame back" title="A frame back (←)" onClick={() => now.step(-1)}>
          ◂
        </Button>
        <Button small aria-label={direction ? "Stop" : "Play"} title="Play, stop (Space)" onClick={now.toggle}>
          {direction ? "▮▮" : "▶"}
        </Button>
        <Button small aria-label="A frame on" title="A frame on (→)" onClick={() => now.step(1)}>
          ▸
        </Button>
      </div>
      <label className={styles.number}>
        Frame{" "}
        <FrameField at={at} first={first} last={last} onGo={now.go} />{" "}
        <span className={bench.dim}>
          of {first}–{last}
        </span>
      </label>
      {doubtful && (
        <Button
          small
          disabled={doubtful.length === 0}
          title={doubtful.length ? "The next frame the engine is unsure of (d)" : "The engine is sure of every frame"}
          onClick={onDoubtful}
        >
          Next doubtful frame{doubtful.length ? ` (${doubtful.length})` : ""}
        </Button>
      )}
    </div>
  );
}
