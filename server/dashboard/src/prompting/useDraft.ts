import { useCallback, useEffect, useRef, useState } from "react";
import { begun, type History, redone, stepped, undone } from "./history";
import { forgetDraft, type Kept, keepDraft, keptDraft } from "./drafts";
import type { Draft } from "./model";

/** What became of the draft of an earlier visit, where there was one: it may be of another plate. */
export type Found = "as it was" | "moved" | "unfit" | null;

export interface Drafting {
  draft: Draft;
  found: Found;
  canUndo: boolean;
  canRedo: boolean;
  /** `of`: what is changed, where changes of it in a row are one to undo. */
  change(next: (draft: Draft) => Draft, of?: string): void;
  undo(): void;
  redo(): void;
  /** As new, in this browser too; what was said can be brought back by undo. */
  discard(): void;
  /** It was sent: this browser need not keep it. */
  forget(): Promise<void>;
}

interface Opened {
  history: History<Draft>;
  plateVersion: number;
  found: Found;
}

/**
 * A draft with all of its states, kept in this browser under `key`; null while it is looked for.
 * What was said of another plate version comes as `fit` has it on this one; null: it does not fit.
 */
export function useDraft(
  key: string,
  initial: Draft | null,
  plateVersion: number,
  fit: (draft: Draft, from: number) => Draft | null,
): Drafting | null {
  const [opened, setOpened] = useState<Opened | null>(null);
  const loaded = useRef<Draft | null>(null);
  const sent = useRef(false);
  const first = useRef(initial);
  first.current ??= initial;
  const fitting = useRef(fit);
  fitting.current = fit;

  const now = opened?.history.now;
  useEffect(() => {
    if (!opened || !now || now === loaded.current || sent.current) return;
    loaded.current = null;
    const kept = { ...now, plateVersion: opened.plateVersion };
    void (now === first.current ? forgetDraft(key) : keepDraft(key, kept)).catch(() => undefined);
  }, [key, now]);

  useEffect(() => {
    const fresh = first.current;
    if (!fresh) return;
    let isOver = false;
    // A browser that keeps nothing, as in private windows, still lets one work.
    void keptDraft(key)
      .catch(() => undefined)
      .then((kept) => {
        if (isOver) return;
        const [draft, found] = taken(kept, fresh, plateVersion, fitting.current);
        loaded.current = draft;
        setOpened({ history: begun(draft), plateVersion, found });
      });
    return () => {
      isOver = true;
    };
  }, [key, initial === null, plateVersion]);

  const update = useCallback(
    (step: (history: History<Draft>) => History<Draft>) =>
      setOpened((before) => before && { ...before, history: step(before.history) }),
    [],
  );
  // Not what was said of one plate over the picture of another.
  if (opened?.plateVersion !== plateVersion || !first.current) return null;
  const { history, found } = opened;
  const fresh = first.current;
  return {
    draft: history.now,
    found,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    change: (next, of) => update((before) => stepped(before, next(before.now), of)),
    undo: () => update(undone),
    redo: () => update(redone),
    discard: () => {
      setOpened((before) => before && { ...before, found: null });
      update((before) => stepped(before, fresh));
    },
    forget: async () => {
      sent.current = true;
      await forgetDraft(key).catch(() => undefined);
    },
  };
}

function taken(
  kept: Kept | undefined,
  fresh: Draft,
  plateVersion: number,
  fit: (draft: Draft, from: number) => Draft | null,
): [Draft, Found] {
  if (!kept) return [fresh, null];
  const { plateVersion: from = plateVersion, ...draft } = kept;
  if (from === plateVersion) return [draft, "as it was"];
  const fitted = fit(draft, from);
  return fitted ? [fitted, "moved"] : [fresh, "unfit"];
}
