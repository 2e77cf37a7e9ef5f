import { Button } from "../ui/Button";
import bench from "../ui/Workbench.module.css";
import type { Channel, Ground, Overlay, Player } from "./player";
import { CHANNELS, MOST_ONION, OVERLAYS } from "./player";
import { keepProfile, type Profile } from "./usePlayerKeys";
import styles from "./Looks.module.css";

interface LooksProps {
  now: Player;
  /** Whether there are splines to show, and another version to compare with. */
  hasSplines: boolean;
  hasOther: boolean;
  profile: Profile;
  onProfile(profile: Profile): void;
}

const OVERLAY_LABELS: Record<Overlay, string> = {
  tint: "Tint",
  outline: "Outline",
  matte: "Matte",
  cutout: "Cut-out",
  plate: "Plate",
};
const GROUNDS: readonly Ground[] = ["checker", "grey", "black"];

/** How one looks at the frame. */
export function Looks({ now, hasSplines, hasOther, profile, onProfile }: LooksProps) {
  return (
    <div className={`${bench.tools} ${styles.looks}`}>
      <div className={bench.group} role="group" aria-label="Overlay">
        {OVERLAYS.map((overlay) => (
          <Button
            key={overlay}
            small
            aria-pressed={now.overlay === overlay}
            className={now.overlay === overlay ? bench.on : undefined}
            onClick={() => now.set({ overlay })}
          >
            {OVERLAY_LABELS[overlay]}
          </Button>
        ))}
      </div>
      {now.overlay === "cutout" && (
        <Choice label="Ground" value={now.ground} all={GROUNDS} onChoose={(ground) => now.set({ ground })} />
      )}
      <Button
        small
        aria-pressed={now.splines}
        className={now.splines ? bench.on : undefined}
        disabled={!hasSplines}
        title={hasSplines ? "Outlines with their points (s)" : "This version has no shapes (yet)"}
        onClick={() => now.set({ splines: !now.splines })}
      >
        Splines
      </Button>
      {now.splines && hasSplines && (
        <label className={styles.field}>
          Onion
          <input
            type="range"
            min={0}
            max={MOST_ONION}
            value={now.onion}
            aria-valuetext={`${now.onion} frames before and after`}
            onPointerUp={(event) => event.currentTarget.blur()}
            onChange={(event) => now.set({ onion: event.target.valueAsNumber })}
          />
        </label>
      )}
      {hasOther && now.compare === "wipe" && (
        <label className={styles.field}>
          Wipe
          <input
            type="range"
            min={0}
            max={100}
            value={Math.round(now.wipe * 100)}
            onPointerUp={(event) => event.currentTarget.blur()}
            onChange={(event) => now.set({ wipe: event.target.valueAsNumber / 100 })}
          />
        </label>
      )}
      <div className={styles.more}>
        <Choice<Channel>
          label="Channel"
          value={now.channel}
          all={CHANNELS}
          onChoose={(channel) => now.set({ channel })}
        />
        <label className={styles.field}>
          Keys
          <select
            value={profile}
            onChange={(event) => {
              const chosen = event.target.value as Profile;
              keepProfile(chosen);
              onProfile(chosen);
            }}
          >
            <option value="rv">RV</option>
            <option value="jkl">J K L</option>
          </select>
        </label>
      </div>
    </div>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  all: readonly T[];
  onChoose(value: T): void;
}

function Choice<T extends string>({ label, value, all, onChoose }: ChoiceProps<T>) {
  return (
    <select
      aria-label={label}
      value={value}
      onChange={(event) => onChoose(event.target.value as T)}
    >
      {all.map((each) => (
        <option key={each} value={each}>
          {each[0]?.toUpperCase()}
          {each.slice(1)}
        </option>
      ))}
    </select>
  );
}
