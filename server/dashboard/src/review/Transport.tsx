import { Button } from "../ui/Button";
import bench from "../ui/Workbench.module.css";
import { FrameField } from "./FrameField";
import type { Player } from "./player";
import { SPEEDS } from "./player";
import styles from "./Transport.module.css";

interface TransportProps {
  now: Player;
  fps: number;
  measured: number | null;
  /** The frames to look at first, and how many there are. */
  doubtful: readonly number[];
  onDoubtful(): void;
  onFullScreen(): void;
}

/** Where one is, and how one gets on. */
export function Transport({ now, fps, measured, doubtful, onDoubtful, onFullScreen }: TransportProps) {
  const { at, first, last, loop, direction, speed } = now;
  const isLooped = loop[0] !== first || loop[1] !== last;
  return (
    <div className={`${bench.tools} ${styles.transport}`}>
      <div className={bench.group} role="group" aria-label="Playback">
        <Button small aria-label="To the beginning" title="To the beginning (Home)" onClick={() => now.go(loop[0])}>
          |◂
        </Button>
        <Button small aria-label="A frame back" title="A frame back (←)" onClick={() => now.step(-1)}>
          ◂
        </Button>
        <Button
          small
          className={styles.play}
          aria-label={direction === 0 ? "Play" : "Stop"}
          title="Play, stop (Space)"
          onClick={now.toggle}
        >
          {direction === 0 ? (now.lastDirection === 1 ? "▶" : "◀") : "▮▮"}
        </Button>
        <Button small aria-label="A frame on" title="A frame on (→)" onClick={() => now.step(1)}>
          ▸
        </Button>
        <Button small aria-label="To the end" title="To the end (End)" onClick={() => now.go(loop[1])}>
          ▸|
        </Button>
      </div>
      <label className={styles.frame}>
        Frame
        <FrameField at={at} first={first} last={last} onGo={now.go} />
        <span className={styles.of}>of {first}–{last}</span>
      </label>
      <select
        className={styles.wide}
        aria-label="Speed"
        value={speed}
        onChange={(event) => now.set({ speed: Number(event.target.value) })}
      >
        {SPEEDS.map((each) => (
          <option key={each} value={each}>
            {each}×
          </option>
        ))}
      </select>
      <span className={`${styles.fps} ${styles.wide}`} title="Frames a second: shown, and the plate's">
        {direction !== 0 && measured !== null ? `${measured.toFixed(1)} of ` : ""}
        {Number((fps * speed).toFixed(3))} fps
      </span>
      <div className={`${bench.group} ${styles.wide}`} role="group" aria-label="Loop">
        <Button small title="Loop from here ([)" onClick={now.setIn}>
          In
        </Button>
        <Button small title="Loop to here (])" onClick={now.setOut}>
          Out
        </Button>
        {isLooped && (
          <Button small title="Loop over all (\)" onClick={now.resetLoop}>
            {loop[0]}–{loop[1]} ✕
          </Button>
        )}
      </div>
      <Button
        small
        disabled={doubtful.length === 0}
        title={doubtful.length ? "The next frame the engine is unsure of (d)" : "The engine is sure of every frame"}
        onClick={onDoubtful}
      >
        Next doubtful{doubtful.length ? ` (${doubtful.length})` : ""}
      </Button>
      <Button small className={styles.wide} title="Full screen (`)" onClick={onFullScreen}>
        Full screen
      </Button>
    </div>
  );
}
