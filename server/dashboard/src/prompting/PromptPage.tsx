import { useMemo } from "react";
import { useParams, useSearchParams } from "react-router";
import { newKey } from "roto-client/ids";
import {
  type Plate,
  type ShotObject,
  type Shot,
  useObjects,
  usePlates,
  useShot,
  useVersions,
  type Version,
} from "../api/shots";
import { colorOf } from "../review/colors";
import { isLive } from "../review/useLiveMattes";
import { useReel } from "../review/useReel";
import { useShapes } from "../review/useVersion";
import { may, useMe } from "../session/session";
import { LinkButton } from "../ui/Button";
import { hexOf } from "../ui/colour";
import { EmptyState } from "../ui/EmptyState";
import { ProblemBox } from "../ui/ProblemBox";
import { useTitle } from "../ui/useTitle";
import { Waiting } from "../ui/Waiting";
import { movedBy, movedSince } from "./earlier";
import { Editor } from "./Editor";
import { type Draft, type DraftObject, withObject } from "./model";
import { useDraft } from "./useDraft";

/** A shot's objects are pointed out, or a version is put right, without any host application. */
export default function PromptPage() {
  const { shotId = "" } = useParams();
  const [search] = useSearchParams();
  const job = search.get("job");
  const view = search.get("view") ?? "main";
  // Another shot, version or view is another draft.
  return <Prompting key={`${shotId} ${job} ${view}`} shotId={shotId} job={job} asked={view} />;
}

function Prompting({ shotId, job, asked: askedView }: { shotId: string; job: string | null; asked: string }) {
  const me = useMe();
  const shot = useShot(shotId);
  useTitle(shot.data?.name, "Prompt");
  const versions = useVersions(shotId);
  const known = useObjects(shotId);
  const listed = usePlates(shotId);
  const all = versions.data ?? [];
  const asked = all.find(({ id }) => id === job) ?? null;
  const base = asked?.state === "succeeded" && asked.shapes_version ? asked : null;
  const view = asked?.plate?.view ?? askedView;
  const own = all.filter(({ plate }) => (plate?.view ?? "main") === view);
  const plates = listed.data ?? [];
  const plateVersion = base?.plate?.version ?? currentOf(plates, view);
  // What is said is said of the plate one sees: a version of another one is not followed.
  const isFollowed = (one: Version | null) => isLive(one?.state) && (one?.plate?.version ?? plateVersion) === plateVersion;
  const tracked = [asked, ...own].find(isFollowed) ?? null;
  const playing = useReel(shot.data, base ?? tracked, null, view);
  const { reel, first, last } = playing;
  const shapes = useShapes(shotId, base?.shapes_version ?? null);
  const names = useMemo(() => playing.objects.map(({ name }) => name), [playing.objects]);
  const initial = useMemo(() => {
    if (!known.data || !versions.data || !listed.data || first === null) return null;
    if (base && !playing.frames.data) return null;
    return base ? correcting(known.data, names) : prompting(known.data);
  }, [known.data, versions.data, listed.data, first, base, playing.frames.data, names]);
  const place = base?.id ?? (view === "main" ? "" : view);
  const drafting = useDraft(`${me.data?.id}/${shotId}/${place}`, initial, plateVersion, (draft, from) => {
    const offset = movedSince(plates, view, from, plateVersion);
    return offset === null || first === null || last === null ? null : movedBy(draft, offset, first, last);
  });

  // What is there stays in sight, and in hand, while it cannot be asked for anew.
  const needed = [shot, versions, known, listed, shapes, ...(base ? [playing.frames] : [])];
  const missing = needed.filter((one) => one.isLoadingError);
  if (missing[0]) {
    const again = () => missing.forEach((one) => void one.refetch());
    return <ProblemBox problem={missing[0].error} again={again} />;
  }
  if (!shot.data || !versions.data) return <Waiting what="Opening the shot" />;
  if (!may(shot.data, "edit_shot")) {
    return (
      <EmptyState title="You may look at this shot, not work on it">
        <p>Those who are assigned to it may, and supervisors of its project. Ask one of them.</p>
        <LinkButton to={`/shots/${shotId}/review`}>Look at it</LinkButton>
      </EmptyState>
    );
  }
  if (shot.data.state !== "ready") return <Unread shot={shot.data} />;
  if (job && !asked) {
    return (
      <EmptyState title="This shot has no such version">
        <p>It may be in the trash.</p>
        <LinkButton to={`/shots/${shotId}/prompt`}>Prompt the shot</LinkButton>
      </EmptyState>
    );
  }
  const views = [...new Set(plates.filter(({ current }) => current).map((one) => one.view))];
  if (listed.data && !views.includes(view)) {
    return (
      <EmptyState title={`This shot has no view ${view}`}>
        <p>It has {views.join(", ")}. A view is there once its plate has been read.</p>
        <LinkButton to={`/shots/${shotId}/prompt`}>Prompt the main view</LinkButton>
      </EmptyState>
    );
  }
  if (!drafting || !reel || first === null || last === null || (base && !shapes.data)) {
    return <Waiting what="Opening the shot" />;
  }
  return (
    <Editor
      shot={shot.data}
      reel={reel}
      first={first}
      last={last}
      aspect={playing.aspect}
      marked={playing.objects}
      base={base}
      shapes={base ? shapes.data : undefined}
      tracked={base ? null : tracked}
      latest={own.find(isCorrectable) ?? null}
      earlier={own}
      views={views}
      plateVersion={plateVersion}
      drafting={drafting}
    />
  );
}

/** A version that has shapes. */
function isCorrectable({ state, shapes_version }: Version): boolean {
  return state === "succeeded" && shapes_version !== null;
}

function currentOf(plates: readonly Plate[], view: string): number {
  return plates.find((one) => one.view === view && one.current)?.version ?? 1;
}

function prompting(known: readonly ShotObject[]): Draft {
  const draft: Draft = { objects: known.map(objectOf), moved: {} };
  // So that the first click is a click, and no form.
  return known.length ? draft : withObject(draft, newKey());
}

/** The objects of a version, under their own names. */
function correcting(known: readonly ShotObject[], names: readonly string[]): Draft {
  const found = known.map(objectOf).filter(({ name }) => names.includes(name));
  return { objects: found, moved: {} };
}

function objectOf({ id, name, label, color }: ShotObject, index: number): DraftObject {
  // White is what objects have that nobody chose a colour for.
  const isChosen = color.some((part) => part !== 1);
  return { key: id, name, label, color: isChosen ? hexOf(color) : colorOf(null, index), range: null, said: {} };
}

function Unread({ shot }: { shot: Shot }) {
  const told = (shot.error as { message?: string } | null)?.message;
  return (
    <EmptyState title={shot.state === "invalid" ? "The plate cannot be read" : "The plate is being read"}>
      <p>{told ?? "It can be prompted once a worker has read it. This page opens by itself."}</p>
    </EmptyState>
  );
}
