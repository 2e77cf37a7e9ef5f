/** Which version is looked at, and which would be opened by now. */

import { useEffect, useState } from "react";
import { useReviews, useShot, useVersions, type Version } from "../api/shots";
import { say } from "../ui/Toasts";
import { judgedOf, judgedWords, newest } from "./sent";

/**
 * What is opened stays until another is chosen, in the address or by its view: a version that is sent or
 * done meanwhile never takes its place under the eyes of whoever decides. It is told, as `due`.
 */
export function useLooked(shotId: string, search: URLSearchParams) {
  const [held, setHeld] = useState<string | null>(null);
  const [opened, setOpened] = useState(false);
  const shot = useShot(shotId);
  const versions = useVersions(shotId);
  const moves = useReviews(shotId);
  const listed = versions.data ?? [];
  const judged = judgedOf(shot.data, moves.data ?? [], listed);
  const asked = listed.find(({ id }) => id === search.get("job"));
  const begun = listed.find(({ id }) => id === held) ?? judged;
  const view = asked ? viewOf(asked) : (search.get("view") ?? (begun ? viewOf(begun) : "main"));
  const all = listed.filter((one) => viewOf(one) === view);
  const asks = [shot, versions, moves];
  const isKnown = asks.every(({ data }) => data);
  const best = isKnown ? newest(all) : null;
  const version = asked ?? [begun, judged].find((one) => one && viewOf(one) === view) ?? best;
  const newer = best && version && best.version > version.version ? best : null;
  const other = judged ?? newer;
  const due = version && other?.id !== version.id ? other : null;

  // What was kept from an earlier visit may be old: another version may have been sent since.
  const isFresh = isKnown && asks.every(({ isFetching }) => !isFetching);
  useEffect(() => {
    if (!isFresh && !opened) return;
    setOpened(true);
    setHeld(version?.id ?? null);
    const isGone = held !== null && !listed.some(({ id }) => id === held);
    if (isGone && version) say(`The version you looked at is gone. This is v${version.version}.`);
  }, [isFresh, version?.id]);

  const told = shot.data && (judgedWords(shot.data, judged, listed) ?? (due && `Newer: v${due.version}`));
  const isOpen = isKnown && (opened || asked !== undefined);
  return { shot, versions, asks, all, view, version, due, told, isOpen };
}

/** Whichever eye; `main` of a shot that has one. */
export function viewOf({ plate }: Version): string {
  return plate?.view ?? "main";
}
