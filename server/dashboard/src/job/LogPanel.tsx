import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Job } from "../api/jobs";
import { Button } from "../ui/Button";
import { lookOf } from "../ui/states";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import styles from "./Job.module.css";
import { type Hit, hits, linesOf, pieces } from "./log";
import { ENDED, useLog } from "./useJob";

interface LogPanelProps {
  job: Job;
  /** An attempt's id; empty for all. */
  attempt: string;
  /** What is looked for, as the address has it. */
  search: string;
  onAttempt(id: string): void;
  /** Told once nobody types any more. */
  onSearch(text: string): void;
}

const LINE = 19;
const TYPING_MS = 300;

/** What the workers wrote, attempt by attempt: to search, and to follow while it is written. */
export function LogPanel({ job, attempt, search, onAttempt, onSearch }: LogPanelProps) {
  const runs = !ENDED.includes(job.state);
  const [follows, setFollows] = useState(runs);
  const [wanted, setWanted] = useState(search);
  const [nth, setNth] = useState(0);
  useEffect(() => {
    if (wanted === search) return;
    const timer = setTimeout(() => onSearch(wanted), TYPING_MS);
    return () => clearTimeout(timer);
    // The attempt too: the address that the timer goes to names the one of its render.
  }, [wanted, search, attempt]);
  const log = useLog(job, attempt, follows);
  const lines = useMemo(() => linesOf(log.data ?? ""), [log.data]);
  const found = useMemo(() => hits(lines, wanted), [lines, wanted]);
  const current = found[nth % (found.length || 1)];
  const step = (by: number) => setNth((at) => (found.length ? (at + by + found.length) % found.length : 0));

  return (
    <div className={styles.log}>
      <div className={styles.tools}>
        <select aria-label="Attempt" value={attempt} onChange={(event) => onAttempt(event.target.value)}>
          <option value="">All attempts</option>
          {job.tasks.flatMap((task) =>
            task.attempts.map(({ id, number, state }) => (
              <option key={id} value={id}>
                {task.kind}, attempt {number}: {lookOf(state).label.toLowerCase()}
              </option>
            )),
          )}
        </select>
        <input
          type="search"
          aria-label="Search the log"
          placeholder="Search the log  (/)"
          value={wanted}
          onChange={(event) => {
            setWanted(event.target.value);
            setNth(0);
          }}
          onKeyDown={(event) => event.key === "Enter" && step(event.shiftKey ? -1 : 1)}
        />
        {wanted && (
          <>
            <span role="status">{found.length ? `${(nth % found.length) + 1} of ${found.length}` : "Not in it"}</span>
            <Button small aria-label="Hit before" disabled={!found.length} onClick={() => step(-1)}>
              ▴
            </Button>
            <Button small aria-label="Next hit" disabled={!found.length} onClick={() => step(1)}>
              ▾
            </Button>
          </>
        )}
        {runs && (
          <label className={styles.follow}>
            <input type="checkbox" checked={follows} onChange={(event) => setFollows(event.target.checked)} /> Follow
          </label>
        )}
      </div>
      {log.isPending && <Waiting />}
      {log.error && <ProblemBox problem={log.error} again={() => void log.refetch()} />}
      {log.data !== undefined && (
        <Lines
          lines={lines}
          found={found}
          current={current}
          follows={follows && runs && !wanted}
          onAtEnd={runs && !wanted ? setFollows : undefined}
        />
      )}
    </div>
  );
}

interface LinesProps {
  lines: readonly string[];
  found: readonly Hit[];
  current: Hit | undefined;
  /** Whether the end stays in sight. */
  follows: boolean;
  /** Told when a reader scrolls away from the end, and when they are there again. */
  onAtEnd?(isAtEnd: boolean): void;
}

function Lines({ lines, found, current, follows, onAtEnd }: LinesProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const top = useRef(0);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 20,
    initialRect: { width: 1000, height: 600 },
  });
  const byLine = useMemo(() => Map.groupBy(found, (hit) => hit.line), [found]);
  useEffect(() => {
    if (follows && lines.length) virtual.scrollToIndex(lines.length - 1, { align: "end" });
  }, [follows, lines.length]);
  useEffect(() => {
    if (current) virtual.scrollToIndex(current.line, { align: "center" });
  }, [current]);

  function scrolled({ scrollTop, scrollHeight, clientHeight }: HTMLElement): void {
    const isUp = scrollTop < top.current;
    top.current = scrollTop;
    const isAtEnd = scrollHeight - clientHeight - scrollTop < LINE;
    // Following itself only goes down: whoever goes up reads.
    if (isAtEnd !== follows && (isAtEnd || isUp)) onAtEnd?.(isAtEnd);
  }

  if (!lines.length) return <p className={styles.none}>Nothing was written yet.</p>;
  return (
    <div
      ref={scroller}
      className={styles.lines}
      role="log"
      aria-label="Log"
      aria-live="off"
      tabIndex={0}
      onScroll={(event) => scrolled(event.currentTarget)}
    >
      <div style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const text = lines[index] ?? "";
          return (
            <div
              key={index}
              className={text.startsWith("=== ") ? `${styles.row} ${styles.chapter}` : styles.row}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span className={styles.number}>{index + 1}</span>
              {pieces(text, byLine.get(index) ?? []).map((piece, at) =>
                piece.hit ? (
                  <mark key={at} className={piece.hit === current ? styles.current : undefined}>
                    {piece.text}
                  </mark>
                ) : (
                  piece.text
                ),
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}
