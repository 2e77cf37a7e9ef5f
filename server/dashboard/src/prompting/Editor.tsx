import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { newKey } from "roto-client/ids";
import type { Shot, Version } from "../api/shots";
import { useStore } from "zustand";
import { useShortcuts } from "../app/shortcuts";
import { outlinesAt, type RotoDocument } from "../review/documents";
import { HeatStrip, type Marked } from "../ui/HeatStrip";
import { newPlayer } from "../review/player";
import type { Reel } from "../review/screen";
import { toLookAt, worst } from "../ui/strip";
import { useKeysBack } from "../review/useKeysBack";
import { useLiveMattes } from "../review/useLiveMattes";
import { useScreen } from "../review/useScreen";
import { Viewer } from "../review/Viewer";
import { Button } from "../ui/Button";
import { ProblemBox } from "../ui/ProblemBox";
import bench from "../ui/Workbench.module.css";
import { correctedDocument } from "./corrected";
import { EarlierDialog } from "./EarlierDialog";
import { FrameBar } from "./FrameBar";
import * as model from "./model";
import { CorrectNotice, KeptNotice, NewerNotice, WaitingNotice } from "./Notices";
import { ObjectsPanel } from "./ObjectsPanel";
import { Overlay } from "./Overlay";
import { promptKeys } from "./promptKeys";
import styles from "./Prompting.module.css";
import { Sending } from "./Sending";
import { Toolbar } from "./Toolbar";
import { largerBrush, type Tool } from "./tools";
import { TrackingBar } from "./TrackingBar";
import type { Drafting } from "./useDraft";
import { useShown } from "./useShown";
import { useTools } from "./useTools";
import { ViewChoice } from "./ViewChoice";
import { DEFAULTS } from "./wanted";

interface EditorProps {
  shot: Shot;
  reel: Reel;
  first: number;
  last: number;
  aspect: number;
  marked: readonly (Marked & { color: string })[];
  /** The version that is corrected, and its shapes; null: the shot is prompted. */
  base: Version | null;
  shapes: RotoDocument | undefined;
  /** A version that is being tracked. */
  tracked: Version | null;
  /** The latest version that could be corrected. */
  latest: Version | null;
  /** Every version of this view: what it was told may be taken up. */
  earlier: readonly Version[];
  /** The views that the shot has. */
  views: readonly string[];
  plateVersion: number;
  drafting: Drafting;
}

export function Editor(props: EditorProps) {
  const { shot, reel, first, last, aspect, marked, base, shapes, tracked, latest, drafting } = props;
  const { earlier, views, plateVersion } = props;
  const { draft, change } = drafting;
  const [search, setSearch] = useSearchParams();
  const cameFor = useRef(search.has("frame"));
  const keysBack = useKeysBack();
  const player = useMemo(() => newPlayer(), []);
  const now = useStore(player);
  const [rate = 24, per = 1] = shot.fps ?? [];
  const { screen, revision } = useScreen(player, reel, rate / per);
  const [tool, setTool] = useState<Tool>("click");
  const [radius, setRadius] = useState(20);
  const [pickedKey, pick] = useState<string | null>(null);
  const [isKeptShown, setKeptShown] = useState(true);
  const [wanted, setWanted] = useState(DEFAULTS);
  const [isTaking, setTaking] = useState(false);
  const picked = draft.objects.find(({ key }) => key === pickedKey) ?? draft.objects[0];
  const frame = now.at;
  const isBehind = screen.shown !== frame;

  useEffect(() => {
    const asked = Number(search.get("frame"));
    player.getState().open(first, last, search.has("frame") && Number.isInteger(asked) ? asked : first);
  }, [player, first, last]);
  // Where one works can be sent to somebody.
  useEffect(() => {
    if (now.first !== first || now.direction !== 0) return;
    const wait = setTimeout(() => {
      setSearch((before) => standingAt(before, frame), { replace: true });
    }, 300);
    return () => clearTimeout(wait);
  }, [frame, now.first, now.direction, first]);

  const plate = { width: reel.width, height: reel.height };
  const names = useMemo(() => marked.map(({ name }) => name), [marked]);
  const masks = useShown(draft.objects, { ...plate, shot: shot.id, view: reel.view, frame, engine: wanted.engine, model: wanted.model }, base, names);
  // What is said here stands in place of what was tracked.
  const replaced = masks.replaced.join("\n");
  useEffect(() => now.set({ hidden: new Set(replaced.split("\n")) }), [replaced]);

  const tools = useTools({
    tool,
    radius,
    aspect,
    plate,
    frame,
    picked,
    outlines: useMemo(
      () => (shapes ? outlinesAt(correctedDocument(shapes, draft.moved), frame) : []),
      [shapes, draft.moved, frame],
    ),
    baseOf: masks.baseOf,
    change,
    onPick: (name) => pick(draft.objects.find((one) => one.name === name)?.key ?? null),
  });
  const drawn = useMemo(() => {
    const { moving } = tools;
    const { moved } = moving ? model.outlineMoved(draft, moving.id, frame, moving.points) : draft;
    return shapes && correctedDocument(shapes, moved);
  }, [shapes, draft, tools.moving, frame]);

  const worked = useMemo(() => workedFrames(draft), [draft]);
  const everywhere = useMemo(() => ascending([...worked.values()].flat()), [worked]);
  const doubtful = useMemo(() => toLookAt(worst(marked, last - first + 1), first), [marked, first, last]);
  const nextDoubtful = () => now.go(doubtful[(doubtful.indexOf(frame) + 1) % doubtful.length] ?? frame);
  const isFixed = base !== null;
  const { candidates, at: candidate } = picked ? masks.candidatesOf(picked) : NO_CANDIDATES;
  const otherMask = () => {
    const next = (candidate + 1) % candidates.length;
    if (candidates.length > 1) say((said) => model.chosen(said, next === 0 ? null : (candidates[next] ?? null)));
  };
  const say = (next: (said: model.Said) => model.Said) =>
    picked && change((before) => model.saying(before, picked.key, frame, next));
  const clear = () =>
    picked &&
    change((before) =>
      model.outlinesReset(model.saying(before, picked.key, frame, () => model.NOTHING), frame, picked.name),
    );
  const setRange = (range: (from: number, to: number) => [number, number]) =>
    picked &&
    !isFixed &&
    change((before) =>
      model.changing(before, picked.key, (object) => ({ ...object, range: range(...(object.range ?? [first, last])) })),
    );
  const pickBy = (by: -1 | 1) => {
    const index = draft.objects.findIndex(({ key }) => key === picked?.key);
    pick(draft.objects.at((index + by + draft.objects.length) % draft.objects.length)?.key ?? null);
  };

  useShortcuts(
    "Prompts",
    promptKeys({
      player,
      worked: everywhere,
      hasShapes: shapes !== undefined,
      onTool: setTool,
      onBrush: (by) => setRadius((before) => largerBrush(before, by)),
      undo: drafting.undo,
      redo: drafting.redo,
      absent: () => say(model.absented),
      clear,
      otherMask,
      pickBy,
      setIn: () => setRange((_, to) => [frame, Math.max(frame, to)]),
      setOut: () => setRange((from) => [Math.min(from, frame), frame]),
      doubtful: nextDoubtful,
    }),
  );

  const followed = useCallback(
    (newest: number, isFollowed: boolean) => {
      if (tracked) screen.tellFrame(tracked.id, newest);
      if (isFollowed && player.getState().direction === 0) player.getState().go(newest);
      else player.setState({});
    },
    [screen, player, tracked?.id],
  );
  useLiveMattes(screen, player, tracked);
  const newer = base && latest && (latest.shapes_version ?? 0) > (base.shapes_version ?? 0) ? latest : null;
  return (
    <div className={`${bench.page} ${styles.page}`} {...keysBack}>
      <header className={bench.top}>
        <Link to={`/shots/${shot.id}/review`}>Review</Link>
        <h1>{shot.name}</h1>
        <span className={bench.dim}>{base ? `Correcting v${base.version}` : "Prompting"}</span>
        {views.length > 1 && <ViewChoice shot={shot.id} view={reel.view} views={views} frame={frame} />}
        {earlier.length > 0 && (
          <Button small onClick={() => setTaking(true)}>
            Take earlier prompts
          </Button>
        )}
        <Sending
          shot={shot}
          view={reel.view}
          drafting={drafting}
          base={base}
          shapes={shapes}
          plate={plate}
          first={first}
          last={last}
          wanted={wanted}
          refused={masks.error}
          onWanted={setWanted}
          onGo={now.go}
        />
      </header>
      <div className={bench.stage}>
        {tracked && (
          <TrackingBar
            version={tracked}
            object={reel.cast?.objects[0]?.name ?? null}
            at={frame}
            isElsewhere={cameFor.current}
            onFrame={followed}
          />
        )}
        {newer && <NewerNotice shot={shot.id} newer={newer} frame={frame} />}
        {!base && !tracked && latest && <CorrectNotice shot={shot.id} latest={latest} frame={frame} />}
        {drafting.found && isKeptShown && (
          <KeptNotice found={drafting.found} onDiscard={drafting.discard} onClose={() => setKeptShown(false)} />
        )}
        <Toolbar
          tool={tool}
          onTool={setTool}
          hasShapes={shapes !== undefined}
          radius={radius}
          onRadius={setRadius}
          canUndo={drafting.canUndo}
          canRedo={drafting.canRedo}
          onUndo={drafting.undo}
          onRedo={drafting.redo}
        />
        <div className={tool === "hand" ? bench.picture : `${bench.picture} ${bench.cross}`}>
          <Viewer
            width={reel.width}
            height={reel.height}
            aspect={aspect}
            picture={screen.canvas}
            revision={revision}
            label={`Frame ${screen.shown ?? frame} of ${shot.name}`}
            onPress={tool === "hand" ? undefined : (at, event) => void (isBehind || tools.press(at, event))}
          >
            {({ scale }) => (
              <Overlay
                objects={draft.objects}
                picked={picked}
                frame={frame}
                isBehind={isBehind}
                shown={masks.shown}
                unanswered={masks.unanswered}
                document={drawn}
                tools={tools}
                plate={plate}
                scale={scale}
                aspect={aspect}
              />
            )}
          </Viewer>
          <output
            className={bench.frame}
            data-shown={screen.shown ?? ""}
            data-previewed={masks.shown.length && !masks.isLooking ? frame : ""}
            aria-live="off"
          >
            {frame}
            {isBehind && " …"}
            {masks.isLooking && <span className={styles.looking}> looking…</span>}
          </output>
          {masks.waits && <WaitingNotice why={masks.waits} />}
          {masks.error && (
            <div className={styles.refused}>
              <ProblemBox problem={masks.error} again={masks.again} />
              <p className={styles.kept}>What you have said is kept. It can be submitted without a preview.</p>
            </div>
          )}
        </div>
        <HeatStrip
          first={first}
          last={last}
          at={frame}
          loop={now.loop}
          objects={marked}
          notes={NO_FRAMES}
          marks={everywhere}
          marked="in the draft"
          onGo={now.go}
        />
        <FrameBar now={now} doubtful={marked.length ? doubtful : null} onDoubtful={nextDoubtful} />
      </div>
      <aside className={bench.side}>
        <ObjectsPanel
          draft={draft}
          picked={picked}
          isFixed={isFixed}
          frame={frame}
          first={first}
          last={last}
          worked={worked}
          isMoved={picked !== undefined && model.movedFrames(draft, picked.name).includes(frame)}
          candidates={candidates.length}
          candidate={candidate}
          onCandidate={otherMask}
          onPick={pick}
          onAdd={() => {
            const key = newKey();
            change((before) => model.withObject(before, key));
            pick(key);
          }}
          onRemove={(key) => change((before) => model.withoutObject(before, key))}
          onChange={(changed) => {
            if (!picked) return;
            const of = `${picked.key} ${Object.keys(changed).join()}`;
            change((before) => model.changing(before, picked.key, (object) => ({ ...object, ...changed })), of);
          }}
          onAbsent={() => say(model.absented)}
          onClear={clear}
          onGo={now.go}
        />
      </aside>
      {isTaking && (
        <EarlierDialog
          shot={shot.id}
          view={reel.view}
          versions={earlier}
          plateVersion={plateVersion}
          draft={draft}
          isFixed={isFixed}
          frame={frame}
          first={first}
          last={last}
          onTake={(taken) => change(() => taken)}
          onClose={() => setTaking(false)}
        />
      )}
    </div>
  );
}

const NO_FRAMES: readonly number[] = [];
const NO_CANDIDATES = { candidates: [], at: 0 };

function workedFrames(draft: model.Draft): Map<string, number[]> {
  return new Map(
    draft.objects.map((object) => [
      object.key,
      ascending([...model.promptedFrames(object), ...model.movedFrames(draft, object.name)]),
    ]),
  );
}

function standingAt(search: URLSearchParams, frame: number): URLSearchParams {
  const after = new URLSearchParams(search);
  after.set("frame", String(frame));
  return after;
}

function ascending(frames: readonly number[]): number[] {
  return [...new Set(frames)].sort((a, b) => a - b);
}
