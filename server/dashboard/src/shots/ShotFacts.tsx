import type { Shot } from "../api/shots";
import page from "../ui/Page.module.css";
import { ProblemBox } from "../ui/ProblemBox";
import { rateText } from "../ui/rates";
import { type About, aboutOf, said, timecodesOf, warningsOf } from "../ui/report";
import { away, exact } from "../ui/time";
import { Problem } from "../api/problem";
import { framesOf } from "./changes";
import { CutFacts } from "./CutFacts";
import { Fact } from "./Fact";
import { Infos, PlateWarning } from "./PlateReport";
import styles from "./Shot.module.css";
import { Thumbnail } from "./Thumbnail";

/** What the plate is, and beside each fact what its reader warns of. */
export function ShotFacts({ shot, edits }: { shot: Shot; edits: boolean }) {
  const { frame_range: range, warnings = [] } = shot;
  const [head, tail] = shot.handles ?? [0, 0];
  const timecodes = timecodesOf(shot);
  const reel = said(shot, "reel");
  const facts: Record<About, boolean> = {
    rate: Boolean(shot.fps),
    colour: Boolean(shot.colorspace),
    timecode: timecodes.length > 0,
    picture: false,
  };
  const told = (which: (about: About) => boolean) =>
    warningsOf(shot)
      .filter((remark) => which(aboutOf(remark)))
      .map((remark) => <PlateWarning key={remark.message} remark={remark} shot={shot} edits={edits} />);
  const beside = (fact: About) => told((about) => about === fact);
  return (
    <section aria-label="About the plate">
      <div className={styles.picture}>
        <Thumbnail shot={shot} />
      </div>
      {shot.error && <ProblemBox problem={new Problem(0, shot.error)} />}
      {warnings.map(({ code, message }) => (
        <p key={code} className={styles.warning}>
          {message}
        </p>
      ))}
      {told((about) => !facts[about])}
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
        {shot.fps && (
          <Fact label="Frames a second" warned={beside("rate")}>
            {rateText(shot.fps)}
            {said(shot, "fps_source") === "default" && ", assumed"}
          </Fact>
        )}
        {shot.colorspace && (
          <Fact label="Colour space" warned={beside("colour")}>
            {shot.colorspace}
            {said(shot, "colorspace_source") === "rule" && ", assumed"}
          </Fact>
        )}
        {facts.timecode && (
          <Fact label="Timecode" warned={beside("timecode")}>
            {timecodes.join(" – ")}
          </Fact>
        )}
        {reel && <Fact label="Reel">{reel}</Fact>}
        {shot.cut && <CutFacts cut={shot.cut} reel={reel} />}
        <Fact label="Made">
          <span title={exact(shot.created_at)}>{away(shot.created_at)}</span>
        </Fact>
      </dl>
      <Infos of={shot} />
    </section>
  );
}
