/** Which version is looked at, and which would be opened by now. */

import { useEffect, useState } from "react";
import { useReviews, useShot, useVersions, type Version } from "../api/shots";
import { judgedOf, judgedWords, newest } from "./sent";

/**
 * What is opened is named in the address at once and stays until somebody chooses another: a version
 * that is sent or done meanwhile never takes its place under the eyes of whoever decides. It is told,
 * as `due`.
 */
export function useLooked(
  shotId: string,
  search: URLSearchParams,
  set: (changes: Record<string, string | null>) => void,
) {
  const shot = useShot(shotId);
  const versions = useVersions(shotId);
  const moves = useReviews(shotId);
  const listed = versions.data ?? [];
  const judged = judgedOf(shot.data, moves.data ?? [], listed);
  const asked = listed.find(({ id }) => id === search.get("job"));
  const view = asked ? viewOf(asked) : (search.get("view") ?? (judged ? viewOf(judged) : "main"));
  const all = listed.filter((one) => viewOf(one) === view);
  const asks = [shot, versions, moves];
  const isKnown = asks.every(({ data }) => data);
  const opens = judged && viewOf(judged) === view ? judged : isKnown ? newest(all) : null;
  const version = asked ?? opens;
  const isNewer = opens !== null && version !== null && opens.version > version.version;
  const due = opens && version && opens.id !== version.id && (opens === judged || isNewer) ? opens : null;

  // What was kept from an earlier visit may be old: another version may have been sent since.
  const isFresh = isKnown && asks.every(({ isFetching }) => !isFetching);
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    if (!isFresh) return;
    setOpened(true);
    if (version && !asked) set({ job: version.id });
  }, [isFresh, version?.id, asked?.id, set]);

  const told = shot.data && (judgedWords(shot.data, judged, listed) ?? (due && `Newer: v${due.version}`));
  const isOpen = isKnown && (opened || asked !== undefined);
  return { shot, versions, asks, all, view, version, due, told, isOpen };
}

/** Whichever eye; `main` of a shot that has one. */
export function viewOf({ plate }: Version): string {
  return plate?.view ?? "main";
}
