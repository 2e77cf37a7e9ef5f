import { type KeyboardEvent, useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import type { Job } from "../api/jobs";
import { useFrames } from "../review/useVersion";
import { HeatStrip } from "../ui/HeatStrip";
import { percent } from "../ui/rates";
import { toLookAt, worst } from "../ui/strip";
import styles from "./Job.module.css";
import { trackedWords } from "./timeline";

const MOST = 8;
const NO_NOTES: readonly number[] = [];

/** Every frame by how sure the engine was; a click opens the player there. */
export function JobHeat({ job }: { job: Job }) {
  const frames = useFrames(job.kind === "roto" ? job.id : null);
  const go = useNavigate();
  const [at, setAt] = useState<number | null>(null);
  const told = frames.data;
  const heat = useMemo(() => (told ? worst(told.objects, told.last - told.first + 1) : []), [told]);
  const loop = useMemo((): [number, number] => (told ? [told.first, told.last] : [0, 0]), [told]);
  if (!told?.objects.length || told.last < told.first) return null;

  const { first, last, objects } = told;
  const frame = at ?? first;
  const look = toLookAt(heat, first).slice(0, MOST);
  const address = (to: number) => `/shots/${job.shot_id}/review?job=${job.id}&frame=${to}`;

  function step(event: KeyboardEvent): void {
    const to = { ArrowLeft: frame - 1, ArrowRight: frame + 1, Home: first, End: last }[event.key];
    if (event.key === "Enter") void go(address(frame));
    else if (to !== undefined) setAt(Math.min(Math.max(to, first), last));
    else return;
    event.preventDefault();
  }

  return (
    <section className={styles.heat} aria-label="Frames by confidence">
      <div onKeyDown={step} title="Click a frame, or press Enter, to see it in the player">
        <HeatStrip
          first={first}
          last={last}
          at={frame}
          loop={loop}
          objects={objects}
          notes={NO_NOTES}
          onGo={(to) => void go(address(Math.min(Math.max(to, first), last)))}
        />
      </div>
      <div className={styles.frames}>
        <span>{first}</span>
        <span className={styles.look}>
          {look.length > 0 && "Look first at"}
          {look.map((one) => (
            <Link key={one} to={address(one)}>
              {one} ({percent(heat[one - first] ?? 0)})
            </Link>
          ))}
          {!look.length && (heat.some((one) => one !== null) ? "No frame is doubtful." : trackedWords(job.state, job.tasks))}
        </span>
        <span>{last}</span>
      </div>
    </section>
  );
}
