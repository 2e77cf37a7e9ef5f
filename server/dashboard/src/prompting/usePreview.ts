/** What the farm would take an object for on the frame that is shown, by what is said there. */

import { type QueryCache, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { newKey } from "roto-client/ids";
import { api, data } from "../api/client";
import { pngOf } from "../review/prompted";
import { bytes, type Matte, matteOf } from "../review/sources";
import { type PreviewIn, promptOf } from "./bodies";
import { sentMask, sentPaint, shownPaint } from "./brush";
import { isOwnMask, type Said, shows, type Size } from "./model";

export interface Asked {
  key: string;
  name: string;
  said: Said;
  /** The address of the result that clicks correct; null where there is none. */
  under: string | null;
}

/** A mask to show, and as it came; others that could be meant, it among them, best first. */
export interface Previewed {
  matte: Matte;
  png: string;
  candidates: readonly string[];
}

export interface PreviewAsked extends Size {
  shot: string;
  view: string;
  frame: number;
  engine: string;
  model: string;
}

/** By object key. */
export type Previews = ReadonlyMap<string, Previewed>;

/** Until a hand is taken to rest. */
const REST_MS = 150;
const PAUSE_MS = 100;
const KEPT_MS = 10 * 60_000;
/** As the server takes at once. */
const MOST = 10;
const CLIENT = `dashboard-${newKey()}`;

export function usePreview(asked: PreviewAsked, all: readonly Asked[]) {
  // Which of its masks is meant asks nothing new of the farm.
  const told = all.filter(needsFarm).map((one) => ({ ...one, said: { ...one.said, choice: undefined } }));
  const latest = JSON.stringify([asked, told.slice(0, MOST)]);
  const needed = useRested(latest);
  const [waits, setWaits] = useState("");
  const [what, objects] = JSON.parse(needed) as [PreviewAsked, Asked[]];
  const query = useQuery({
    queryKey: ["preview", what.frame, needed],
    enabled: objects.length > 0,
    staleTime: KEPT_MS,
    gcTime: KEPT_MS,
    retry: false,
    // Until the next one comes the last one of this frame is shown.
    placeholderData: (before: Previews | undefined, query) =>
      query?.queryKey[1] === what.frame ? before : undefined,
    queryFn: ({ signal }) => {
      setWaits("");
      return preview(what, objects, signal, setWaits);
    },
  });
  useForgetting(query.data);
  const isAsked = told.length > 0;
  const isBehind = isAsked && (needed !== latest || query.isFetching);
  return {
    masks: query.data,
    error: isAsked ? query.error : null,
    isBehind,
    /** Why there is no answer yet; "" where there is one, or it may come any moment. */
    waits: isAsked && query.isFetching ? waits : "",
    again: () => void query.refetch(),
  };
}

/** Masks that were painted or chosen: they need no farm. */
export function usePaints(plate: Size, all: readonly Asked[]) {
  const painted = all.filter(({ said }) => isOwnMask(said));
  const query = useQuery({
    queryKey: ["paint", JSON.stringify([plate, painted.map(({ key, said }) => [key, said.choice ?? said.paint])])],
    enabled: painted.length > 0,
    staleTime: Infinity,
    gcTime: KEPT_MS,
    placeholderData: (before: Previews | undefined) => (painted.length ? before : undefined),
    queryFn: async (): Promise<Previews> => {
      const found = new Map<string, Previewed>();
      for (const { key, said } of painted) {
        const { choice = "", paint } = said;
        const matte = choice ? await shownMask(choice) : paint && (await shownPaint(paint, plate));
        if (matte) found.set(key, { matte, png: choice, candidates: [] });
      }
      return found;
    },
  });
  useForgetting(query.data);
  return { masks: query.data, isBehind: query.isFetching };
}

/** As large as masks that are not looked at may be, all together. */
const MOST_BYTES = 256 * 2 ** 20;

function useForgetting(masks: Previews | undefined): void {
  const queries = useQueryClient();
  useEffect(() => forgetOldest(queries.getQueryCache()), [queries, masks]);
}

/** Every click makes masks, and each of them takes megabytes: the latest stay. */
export function forgetOldest(cache: QueryCache): void {
  const isMasks = ({ queryKey: [what] }: { queryKey: readonly unknown[] }) => what === "preview" || what === "paint";
  const idle = cache.findAll({ type: "inactive", predicate: isMasks });
  let left = MOST_BYTES;
  for (const query of idle.sort((a, b) => b.state.dataUpdatedAt - a.state.dataUpdatedAt)) {
    const masks = (query.state.data ?? new Map()) as Previews;
    for (const { matte } of masks.values()) left -= 4 * matte.width * matte.height;
    if (left < 0) cache.remove(query);
  }
}

/** Whether the farm can tell more than is painted. */
export function needsFarm({ said, under }: Asked): boolean {
  if (said.absent || (!said.points.length && !said.box && !said.curves)) return false;
  return shows(said) || under !== null;
}

async function preview(
  asked: PreviewAsked,
  objects: Asked[],
  signal: AbortSignal,
  onWait: (why: string) => void,
): Promise<Previews> {
  const answer = await answered(asked.shot, await bodyOf(asked, objects, signal), signal, onWait);
  const found = new Map<string, Previewed>();
  for (const { name, candidates } of answer.objects) {
    const key = objects.find((one) => one.name === name)?.key;
    const pngs = candidates.map(({ png }) => png);
    if (key && pngs[0]) found.set(key, { png: pngs[0], matte: await shownMask(pngs[0]), candidates: pngs });
  }
  return found;
}

async function shownMask(png: string): Promise<Matte> {
  return matteOf(await createImageBitmap(pngOf(png)));
}

async function bodyOf(asked: PreviewAsked, objects: Asked[], signal: AbortSignal): Promise<PreviewIn> {
  const { frame, view, engine, model } = asked;
  const told = objects.map(async ({ name, said, under }) => {
    const { frame: _, absent: __, ...prompt } = promptOf(frame, said, await maskOf(said, under, asked, signal));
    return { name, ...prompt };
  });
  return { frame, view, engine, model, client_key: CLIENT, objects: await Promise.all(told) } as PreviewIn;
}

/** What clicks correct: what was painted, or the result; a box begins anew. */
async function maskOf(said: Said, under: string | null, plate: Size, signal: AbortSignal) {
  if (said.paint) return sentPaint(said.paint, plate);
  if (!under || said.box || said.curves) return undefined;
  return sentMask(await bytes(under, signal), plate).catch(() => undefined);
}

async function answered(shot: string, body: PreviewIn, signal: AbortSignal, onWait: (why: string) => void) {
  const path = { shot_id: shot };
  let answer = await data(
    api.POST("/api/v1/shots/{shot_id}/preview", { params: { path }, body, signal }),
  );
  while (answer.state !== "done") {
    onWait(answer.message);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const of = { ...path, preview_id: answer.id };
    answer = await data(
      api.GET("/api/v1/shots/{shot_id}/previews/{preview_id}", { params: { path: of }, signal }),
    );
  }
  return { ...answer, objects: answer.objects ?? [] };
}

function useRested(value: string): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const wait = setTimeout(() => setRested(value), REST_MS);
    return () => clearTimeout(wait);
  }, [value]);
  return rested;
}
