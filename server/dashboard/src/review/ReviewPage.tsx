import { useEffect, useMemo, useState } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { type Plate, type Shot, useNotes } from "../api/shots";
import { useShortcuts } from "../app/shortcuts";
import { may } from "../session/session";
import { Button, LinkButton } from "../ui/Button";
import { EmptyState } from "../ui/EmptyState";
import { ProblemBox } from "../ui/ProblemBox";
import { StateChip } from "../ui/StateChip";
import { say } from "../ui/Toasts";
import { useTitle } from "../ui/useTitle";
import { Waiting } from "../ui/Waiting";
import bench from "../ui/Workbench.module.css";
import { Decide } from "./Decide";
import { DECISIONS, type Decision } from "./decisions";
import { History } from "./History";
import { type Thread, threadsOf } from "./notes";
import { writeNote } from "./NewNote";
import { NotesPanel, type Place } from "./NotesPanel";
import { ObjectsPanel } from "./ObjectsPanel";
import { listOf, reviewOf } from "./playlist";
import styles from "./ReviewPage.module.css";
import { Stage } from "./Stage";
import { useAddress } from "./useAddress";
import { useKeysBack } from "./useKeysBack";
import { useLiveMattes } from "./useLiveMattes";
import { useLooked, viewOf } from "./useLooked";
import { comparedBy, useOpened } from "./useOpened";
import { usePlayer } from "./usePlayer";
import { usePlaylist } from "./usePlaylist";
import { useReel } from "./useReel";
import { useScreen } from "./useScreen";
import { useShapes } from "./useVersion";
import { Versions } from "./Versions";

/** One shot before somebody's eyes: looked at frame by frame, and decided on. */
export default function ReviewPage() {
  const { shotId = "" } = useParams();
  // Full screen is of the whole page: what comes after the player is not meant.
  useEffect(() => () => void (document.fullscreenElement && document.exitFullscreen()), []);
  // Another shot is another page: its player, its notes.
  return <Review key={shotId} shotId={shotId} />;
}

function Review({ shotId }: { shotId: string }) {
  const { search, set } = useAddress();
  const navigate = useNavigate();
  const { shot, versions, asks, all, view, version, due, told, isOpen } = useLooked(shotId, search);
  useTitle(shot.data?.name, "Review");
  const other = all.find(({ id }) => id === search.get("compare") && id !== version?.id) ?? null;
  const { reel, objects, first, last, aspect, plates, lists } = useReel(shot.data, version, other, view);
  const shapes = useShapes(shotId, version?.shapes_version ?? null);
  const notes = useNotes(shotId);
  const threads = useMemo(() => threadsOf(notes.data ?? []), [notes.data]);
  const here = useMemo(() => {
    const others = versions.data?.filter((one) => viewOf(one) !== view).map(({ id }) => id);
    return threads.filter(({ head }) => !others?.includes(head.job_id ?? ""));
  }, [threads, versions.data, view]);
  const playlist = usePlaylist(shotId, search);
  const { player, now } = usePlayer();
  const [rate, per] = shot.data?.fps ?? [24, 1];
  const fps = rate / per;
  const { screen, revision, measured, lacks } = useScreen(player, reel, fps);
  const [place, setPlace] = useState<Place | null>(null);
  const [placing, setPlacing] = useState(false);
  const [picked, setPicked] = useState<string | null>(null);
  const keysBack = useKeysBack();

  useOpened(player, now, [first, last], search, other !== null, set);
  useEffect(() => {
    now.set({ compare: other ? (now.compare === "off" ? comparedBy(search) : now.compare) : "off" });
  }, [other?.id]);
  useLiveMattes(screen, player, version);
  useLiveMattes(screen, player, other);
  useEffect(() => setPlace(null), [now.at]);

  useShortcuts("This shot", {
    n: { label: "Next shot", run: () => goTo(playlist.next) },
    N: { label: "Shot before", run: () => goTo(playlist.before) },
  });

  function goTo(id: string | null): void {
    if (id) void navigate(reviewOf(id, search));
  }

  function decided(decision: Decision, undo: (() => void) | null): void {
    const isOver = decision === "approved" || decision === "retake";
    const next = isOver && listOf(search) ? playlist.nextWaiting : null;
    const end = isOver && listOf(search) && !next ? " That was the last of this list." : "";
    say(`${shot.data?.name ?? "The shot"} is ${DECISIONS[decision].done}.${end}`, undo && { label: "Undo", run: undo });
    goTo(next);
  }

  function show(thread: Thread): void {
    setPicked(thread.head.id);
    if (thread.head.frame !== null) now.go(thread.head.frame);
  }

  const failed = [...asks, ...lists].filter(({ error }) => error);
  const problem = failed[0] && (
    <ProblemBox problem={failed[0].error} again={() => failed.forEach((one) => void one.refetch())} />
  );
  // What is there stays there: what could not be asked again is told beside it.
  if (problem && asks.some(({ data, error }) => error && !data)) return problem;
  if (!shot.data || !isOpen || plates.isPending) return <Waiting what="Opening the shot" />;
  if (!reel || first === null || last === null) return <Unread shot={shot.data} />;
  const views = viewsOf(plates.data ?? [], view);

  return (
    <div className={`${bench.page} ${styles.review}`} {...keysBack}>
      <header className={bench.top}>
        <Link to={`/review?${playlist.search}`}>Review</Link>
        <h1>{shot.data.name}</h1>
        <StateChip state={shot.data.review ?? "waiting"} />
        <span className={styles.dim} role="status">
          {told}
        </span>
        {due && (
          <Button small onClick={() => set({ job: due.id })}>
            Show v{due.version}
          </Button>
        )}
        {views.length > 1 && (
          <select
            aria-label="View"
            value={view}
            onChange={({ target }) => set({ view: target.value, job: null, compare: null })}
          >
            {views.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
        <Versions
          versions={all}
          current={version}
          other={other}
          compare={now.compare}
          onVersion={(id) => set({ job: id })}
          onOther={(id) => set({ compare: id })}
          onCompare={(compare) => now.set({ compare })}
        />
        {version?.state === "succeeded" && may(shot.data, "edit_shot") && (
          <LinkButton small to={`/shots/${shotId}/prompt?job=${version.id}&frame=${now.at}`}>
            Correct
          </LinkButton>
        )}
        {playlist.position && (
          <nav className={styles.list} aria-label="Playlist">
            <span>{playlist.position}</span>
            <Button small disabled={!playlist.before} title="Shot before (N)" onClick={() => goTo(playlist.before)}>
              Before
            </Button>
            <Button small disabled={!playlist.next} title="Next shot (n)" onClick={() => goTo(playlist.next)}>
              Next
            </Button>
          </nav>
        )}
        {problem}
      </header>
      <Stage
        name={shot.data.name}
        player={player}
        now={now}
        reel={reel}
        aspect={aspect}
        screen={screen}
        revision={revision}
        fps={fps}
        measured={measured}
        lacks={lacks}
        objects={objects}
        document={shapes.data ?? null}
        names={version && other ? [`v${version.version}`, `v${other.version}`] : null}
        threads={here}
        picked={picked}
        place={place}
        placing={placing}
        onPlace={(chosen) => {
          setPlace(chosen);
          setPlacing(false);
          // The press that chose the place would take the focus away again.
          addEventListener("pointerup", writeNote, { once: true });
        }}
        onPick={setPicked}
      />
      <div className={styles.decide}>
        <Decide shot={shot.data} version={version} onDecided={decided} />
      </div>
      <aside className={`${bench.side} ${styles.side}`}>
        <ObjectsPanel
          objects={objects.map((one) => ({ ...one, confidence: one.confidence[now.at - first] ?? null }))}
          hidden={now.hidden}
          onToggle={now.toggleObject}
        />
        {notes.error && <ProblemBox problem={notes.error} again={() => void notes.refetch()} />}
        <NotesPanel
          shotId={shotId}
          jobId={version?.id ?? null}
          at={now.at}
          threads={threads}
          picked={picked}
          mayWrite={may(shot.data, "add_note")}
          place={place}
          placing={placing}
          onPlacing={setPlacing}
          onPlaced={setPlace}
          onGo={now.go}
          onPick={show}
        />
        <History shotId={shotId} />
      </aside>
    </div>
  );
}

function Unread({ shot }: { shot: Shot }) {
  const told = (shot.error as { message?: string } | null)?.message;
  return (
    <EmptyState title={shot.state === "invalid" ? "The plate cannot be read" : "The plate is being read"}>
      <p>{told ?? "Its pictures come by themselves once a worker has made them."}</p>
      <Link to={`/shots/${shot.id}`}>To the shot</Link>
    </EmptyState>
  );
}

function viewsOf(plates: readonly Plate[], shown: string): string[] {
  return [...new Set([...plates.map(({ view }) => view), shown])].sort();
}
