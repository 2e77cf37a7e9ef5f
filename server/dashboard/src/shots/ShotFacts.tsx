import type { Shot } from "../api/shots";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { rateText } from "../ui/rates";
import { away, exact } from "../ui/time";
import { Problem } from "../api/problem";
import { framesOf } from "./changes";
import styles from "./Shot.module.css";
import { Thumbnail } from "./Thumbnail";

/** What the plate is. */
export function ShotFacts({ shot }: { shot: Shot }) {
  const { frame_range: range, warnings = [] } = shot;
  const [head, tail] = shot.handles ?? [0, 0];
  return (
    <section>
      <div className={styles.picture}>
        <Thumbnail shot={shot} />
      </div>
      {shot.error && <ProblemBox problem={new Problem(0, shot.error)} />}
      {warnings.map(({ code, message }) => (
        <p key={code} className={styles.warning}>
          {message}
        </p>
      ))}
      <dl className={styles.facts}>
        {range && (
          <Fact label="Frames">
            {range[0]}–{range[1]} <span className={page.dim}>({framesOf(shot)})</span>
          </Fact>
        )}
        {(head > 0 || tail > 0) && (
          <Fact label="Handles">
            {head} before, {tail} after
          </Fact>
        )}
        {shot.width && (
          <Fact label="Size">
            {shot.width} × {shot.height}
            {shot.pixel_aspect !== 1 && `, pixel aspect ${shot.pixel_aspect}`}
          </Fact>
        )}
        {shot.fps && <Fact label="Frames a second">{rateText(shot.fps)}</Fact>}
        {shot.colorspace && <Fact label="Colour space">{shot.colorspace}</Fact>}
        <Fact label="Made">
          <span title={exact(shot.created_at)}>{away(shot.created_at)}</span>
        </Fact>
      </dl>
    </section>
  );
}

function Fact({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
