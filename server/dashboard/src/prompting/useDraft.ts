import { useCallback, useEffect, useRef, useState } from "react";
import { begun, type History, redone, stepped, undone } from "./history";
import { forgetDraft, keepDraft, keptDraft } from "./drafts";
import type { Draft } from "./model";

export interface Drafting {
  draft: Draft;
  /** Whether it was taken up again from an earlier visit. */
  isKept: boolean;
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

/** A draft with all of its states, kept in this browser under `key`; null while it is looked for. */
export function useDraft(key: string, initial: Draft | null): Drafting | null {
  const [history, setHistory] = useState<History<Draft> | null>(null);
  const [isKept, setIsKept] = useState(false);
  const loaded = useRef<Draft | null>(null);
  const sent = useRef(false);
  const first = useRef(initial);
  first.current ??= initial;

  useEffect(() => {
    const fresh = first.current;
    if (!fresh) return;
    let isOver = false;
    // A browser that keeps nothing, as in private windows, still lets one work.
    void keptDraft(key)
      .catch(() => undefined)
      .then((kept) => {
        if (isOver) return;
        loaded.current = kept ?? fresh;
        setIsKept(kept !== undefined);
        setHistory(begun(loaded.current));
      });
    return () => {
      isOver = true;
    };
  }, [key, initial === null]);

  const now = history?.now;
  useEffect(() => {
    if (!now || now === loaded.current || sent.current) return;
    loaded.current = null;
    void (now === first.current ? forgetDraft(key) : keepDraft(key, now)).catch(() => undefined);
  }, [key, now]);

  const update = useCallback(
    (step: (history: History<Draft>) => History<Draft>) => setHistory((before) => before && step(before)),
    [],
  );
  if (!history || !first.current) return null;
  const fresh = first.current;
  return {
    draft: history.now,
    isKept,
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    change: (next, of) => update((before) => stepped(before, next(before.now), of)),
    undo: () => update(undone),
    redo: () => update(redone),
    discard: () => {
      setIsKept(false);
      update((before) => stepped(before, fresh));
    },
    forget: async () => {
      sent.current = true;
      await forgetDraft(key).catch(() => undefined);
    },
  };
}
