import { useMemo, useState } from "react";
import { useShortcuts } from "../app/shortcuts";
import { Button } from "../ui/Button";
import { HeatStrip } from "../ui/HeatStrip";
import { toLookAt, worst } from "../ui/strip";
import bench from "../ui/Workbench.module.css";
import type { RotoDocument } from "./documents";
import { Looks } from "./Looks";
import { framesOf, pinnedOn, type Thread } from "./notes";
import type { Place } from "./NotesPanel";
import { Pins } from "./Pins";
import { type Lack, toldOf } from "./lacks";
import type { Player, PlayerStore } from "./player";
import type { Reel, Screen } from "./screen";
import { Splines } from "./Splines";
import styles from "./Stage.module.css";
import { Transport } from "./Transport";
import { keptProfile, usePlayerKeys } from "./usePlayerKeys";
import type { ReviewedObject } from "./useReel";
import { Viewer } from "./Viewer";
import { WipeLine } from "./WipeLine";

interface StageProps {
  /** The shot's. */
  name: string;
  player: PlayerStore;
  now: Player;
  reel: Reel;
  /** Of the plate's pixels. */
  aspect: number;
  screen: Screen;
  revision: number;
  fps: number;
  measured: number | null;
  lacks: readonly Lack[];
  /** Whether the version's job has not ended. */
  objects: readonly ReviewedObject[];
  document: RotoDocument | null;
  /** Of the version and the one it is compared with; null when there is none. */
  names: readonly [string, string] | null;
  threads: readonly Thread[];
  picked: string | null;
  place: Place | null;
  placing: boolean;
  onPlace(place: Place): void;
  onPick(note: string): void;
}

/** The picture with what lies over it, and all that moves it and changes how it looks. */
export function Stage(props: StageProps) {
  const { name, player, now, reel, aspect, screen, objects, names, threads, placing } = props;
  const { first, last, at } = now;
  const [profile, setProfile] = useState(keptProfile);
  const look = useMemo(() => toLookAt(worst(objects, last - first + 1), first), [objects, first, last]);
  const noted = useMemo(() => framesOf(threads), [threads]);
  const stops = useMemo(
    () => ({
      keys: ascending(objects.flatMap(({ prompts, keys }) => [...prompts, ...keys])),
      marks: ascending([...noted, ...now.marks]),
    }),
    [objects, noted, now.marks],
  );
  const told = toldOf(props.lacks, at, now.overlay);
  usePlayerKeys(player, stops, profile);
  useShortcuts("Looks", {
    d: { label: "Next doubtful frame", run: doubtful },
    F6: { label: "Wipe", run: () => names && now.set({ compare: now.compare === "wipe" ? "off" : "wipe" }) },
    "`": { label: "Full screen", run: fullScreen },
  });

  function doubtful(): void {
    now.go(look[(look.indexOf(at) + 1) % look.length] ?? at);
  }

  return (
    <div className={`${bench.stage} ${styles.stage}`}>
      <div className={placing ? `${bench.picture} ${bench.cross}` : bench.picture}>
        <Viewer
          width={reel.width}
          height={reel.height}
          aspect={aspect}
          picture={screen.canvas}
          revision={props.revision}
          label={`Frame ${screen.shown ?? at} of ${name}`}
          onPress={placing ? (point) => props.onPlace(within(point, reel)) : undefined}
        >
          {({ scale }) => <Over {...props} scale={scale} />}
        </Viewer>
        <output className={bench.frame} data-shown={screen.shown ?? ""} aria-live="off">
          {at}
          {screen.shown !== at && " …"}
        </output>
        <p className={styles.told} role="status">
          {told ? told.text : screen.shown === null && `Frame ${at} is on its way.`}
          {told?.again && (
            <Button small onClick={() => screen.retry()}>
              Try again
            </Button>
          )}
        </p>
      </div>
      <HeatStrip
        first={first}
        last={last}
        at={at}
        loop={now.loop}
        objects={objects}
        notes={noted}
        marks={now.marks}
        onGo={now.go}
      />
      <Transport
        now={now}
        fps={props.fps}
        measured={props.measured}
        doubtful={look}
        onDoubtful={doubtful}
        onFullScreen={fullScreen}
      />
      <Looks
        now={now}
        hasSplines={props.document !== null}
        hasOther={names !== null}
        profile={profile}
        onProfile={setProfile}
      />
    </div>
  );
}

/** Of the whole page, which the stage then covers: what is told, and a way back, lies over it. */
function fullScreen(): void {
  void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
}

/** What lies over the picture, in plate pixels. */
function Over(props: StageProps & { scale: number }) {
  const { now, reel, aspect, screen, objects, document, names, threads, picked, place, scale } = props;
  const colorOf = (name: string) => objects.find((one) => one.name === name)?.color ?? "#fff";
  return (
    <>
      {now.splines && document && screen.shown === now.at && (
        <Splines
          document={document}
          at={now.at}
          onion={now.onion}
          hidden={now.hidden}
          colorOf={colorOf}
          scale={scale}
        />
      )}
      <Pins
        threads={pinnedOn(threads, now.at)}
        picked={picked}
        place={place}
        scale={scale}
        aspect={aspect}
        onPick={props.onPick}
      />
      {now.compare === "wipe" && names && (
        <WipeLine
          width={reel.width}
          height={reel.height}
          at={now.wipe}
          names={names}
          scale={scale}
          aspect={aspect}
          onMove={(wipe) => now.set({ wipe })}
        />
      )}
    </>
  );
}

function ascending(frames: readonly number[]): number[] {
  return [...new Set(frames)].sort((a, b) => a - b);
}

function within({ x, y }: Place, { width, height }: Reel): Place {
  const inside = (value: number, most: number) => Math.round(Math.min(Math.max(value, 0), most) * 100) / 100;
  return { x: inside(x, width), y: inside(y, height) };
}
