import { useVirtualizer } from "@tanstack/react-virtual";
import { type MouseEvent, useCallback, useEffect, useMemo, useRef } from "react";
import { useHref, useNavigate } from "react-router";
import { useShortcuts } from "../app/shortcuts";
import { say } from "../ui/Toasts";
import { useNow } from "../ui/useNow";
import { COLUMNS } from "./columns";
import { type Filters, type JobRow, type Sort, turned } from "./filters";
import styles from "./Jobs.module.css";
import { JobLine, WaitingLine } from "./JobLine";
import { everyOne, extended, moved, NOTHING, only, reached, type Selection, toggled, useTable } from "./selecting";
import { PART, partsOf } from "./sparse";

interface JobTableProps {
  filters: Filters;
  /** As the list was made: which, and in which order; undefined until they were loaded. */
  rows: readonly (JobRow | undefined)[];
  /** As they are now, of those that are shown. */
  lines: ReadonlyMap<string, JobRow>;
  /** The parts that `lines` is of. */
  shown: readonly number[];
  /** Told which parts are in sight. */
  onShown(parts: readonly number[]): void;
  /** Loads parts that are selected without having been seen; the ids of all rows then known. */
  onNeeded(parts: readonly number[]): Promise<(string | undefined)[]>;
  onSort(sort: Sort): void;
  /** Shows that person's jobs alone. */
  onOwner(id: string): void;
}

const ROW = 32;
const AHEAD = 30;
/** Rows that Shift selects at once: more is what filters are for. */
const MOST_REACHED = 2000;

const MOST_HINT = `Shift selects ${MOST_REACHED.toLocaleString("en")} at most. A filter makes the list shorter.`;

/** A grid of which only the rows in sight are on the page. */
export function JobTable({ filters, rows, lines, shown, onShown, onNeeded, onSort, onOwner }: JobTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const go = useNavigate();
  const jobs = useHref("/jobs");
  const now = useNow();
  const selection = useTable();
  const ids = useMemo(() => rows.map((row) => row?.id), [rows]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
    // The first render, before anything was measured.
    initialRect: { width: 1000, height: 800 },
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const parts = partsOf(Math.max(0, first - AHEAD), Math.min(last + AHEAD, rows.length - 1)).join();

  useEffect(() => onShown(parts.split(",").map(Number)), [parts, onShown]);
  useEffect(() => {
    if (selection.at >= 0) virtual.scrollToIndex(selection.at, { align: "auto" });
    // Only when it moves: not whenever rows come.
  }, [selection.at]);

  const set = useCallback((next: Selection) => {
    useTable.setState(next);
    scroller.current?.focus({ preventScroll: true });
  }, []);
  const extend = useCallback(
    async (before: Selection, index: number) => {
      const [from, to] = reached(before, index);
      if (to - from >= MOST_REACHED) {
        say(`${(to - from + 1).toLocaleString("en")} jobs are too many: ${MOST_HINT}`);
        return;
      }
      // At once where it can be: keys follow each other faster than promises.
      if (isKnown(ids, from, to)) {
        set(extended(before, ids, index));
        return;
      }
      const found = await onNeeded(partsOf(from, to));
      // What could not be read the page tells; half of a range is none.
      if (isKnown(found, from, to)) set(extended(before, found, index));
    },
    [ids, set, onNeeded],
  );
  const open = useCallback((index: number) => void (ids[index] && go(`/jobs/${ids[index]}`)), [ids, go]);
  const pick = useCallback(
    (event: MouseEvent, index: number) => {
      const adds = event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey;
      if ((event.target as Element).closest("a")) {
        // With a key held the browser opens it elsewhere.
        if (adds || event.shiftKey || event.altKey) return;
        event.preventDefault();
        open(index);
        return;
      }
      const before = useTable.getState();
      if (event.shiftKey) void extend(before, index);
      else set(adds ? toggled(before, ids, index) : only(ids, index));
    },
    [ids, set, extend, open],
  );
  function reach(by: number): void {
    void extend(selection, moved(selection, ids, by).at);
  }

  const sight = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW * 20) / ROW) - 2);
  const down = { label: "Next job; Enter opens it", run: () => set(moved(selection, ids, 1)) };
  const up = { label: "Job before", run: () => set(moved(selection, ids, -1)) };
  useShortcuts("List of jobs", {
    j: down,
    k: up,
    x: { label: "Select it, or not", run: () => set(toggled(selection, ids, selection.at)) },
    o: {
      label: "Jobs of its owner alone, or of everybody",
      run: () => {
        const owner = filters.owner ? "" : rows[selection.at]?.owner_id;
        if (owner !== undefined) onOwner(owner);
      },
    },
    "Ctrl+a": { label: "Select all that are loaded", run: () => set(everyOne(selection, ids)) },
    Escape: { label: "Select none", run: () => set({ ...NOTHING, at: selection.at }) },
  });
  const inGrid: Record<string, () => void> = {
    ArrowDown: down.run,
    ArrowUp: up.run,
    "Shift+ArrowDown": () => reach(1),
    "Shift+ArrowUp": () => reach(-1),
    PageDown: () => set(moved(selection, ids, sight)),
    PageUp: () => set(moved(selection, ids, -sight)),
    Home: () => set(moved(selection, ids, -ids.length)),
    End: () => set(moved(selection, ids, ids.length)),
    Enter: () => open(selection.at),
    " ": () => set(toggled(selection, ids, selection.at)),
  };

  const whole = selection.selected.size > 0 && ids.every((id) => id === undefined || selection.selected.has(id));
  return (
    <div
      ref={scroller}
      className={styles.table}
      role="grid"
      aria-label="Jobs"
      aria-multiselectable="true"
      aria-rowcount={rows.length + 1}
      aria-activedescendant={selection.at >= 0 ? `job-${selection.at}` : undefined}
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget || event.ctrlKey || event.altKey) return;
        const run = inGrid[(event.shiftKey ? "Shift+" : "") + event.key];
        if (!run) return;
        event.preventDefault();
        run();
      }}
    >
      <div role="rowgroup" className={styles.head}>
        <div role="row" aria-rowindex={1} className={styles.line}>
          <span role="columnheader">
            <input
              type="checkbox"
              aria-label="Select all that are loaded"
              checked={whole}
              onChange={() => set(whole ? NOTHING : everyOne(selection, ids))}
            />
          </span>
          {COLUMNS.map((column) => (
            <Head key={column.label} {...column} now={filters.sort} onSort={onSort} />
          ))}
        </div>
      </div>
      <div role="rowgroup" className={styles.rows} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rows[index];
          // By its place on the screen: while one scrolls, lines are filled anew, not made anew.
          const slot = index % items.length;
          if (!row) return <WaitingLine key={slot} index={index} top={start} at={selection.at === index} />;
          const line = lines.get(row.id);
          return (
            <JobLine
              key={slot}
              row={line ?? row}
              address={`${jobs}/${row.id}`}
              gone={!line && lines.size > 0 && shown.includes(Math.floor(index / PART))}
              index={index}
              top={start}
              now={now}
              at={selection.at === index}
              selected={selection.selected.has(row.id)}
              onPick={pick}
              onOpen={open}
              onOwner={filters.owner ? undefined : onOwner}
            />
          );
        })}
      </div>
    </div>
  );
}

function isKnown(ids: readonly (string | undefined)[], from: number, to: number): boolean {
  return ids.slice(from, to + 1).every((id) => id !== undefined);
}

interface HeadProps {
  label: string;
  hint?: string;
  sort?: Sort;
  right?: boolean;
  now: Sort;
  onSort(sort: Sort): void;
}

function Head({ label, hint, sort, right, now, onSort }: HeadProps) {
  const look = right ? styles.right : undefined;
  if (!sort) {
    return (
      <span role="columnheader" className={look} title={hint}>
        {label}
      </span>
    );
  }
  const bare = (one: Sort) => one.replace("-", "");
  const sorted = bare(now) === bare(sort);
  const direction = sorted ? (now === sort ? "▾" : "▴") : "";
  return (
    <span
      role="columnheader"
      className={look}
      title={hint}
      aria-sort={sorted ? (now.startsWith("-") ? "descending" : "ascending") : "none"}
    >
      <button type="button" className={styles.sort} onClick={() => onSort(turned(now, sort))}>
        {label} <span aria-hidden="true">{direction}</span>
      </button>
    </span>
  );
}
