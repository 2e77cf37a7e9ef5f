import { useState } from "react";
import { Link } from "react-router";
import type { Shot } from "../api/shots";
import { Button } from "../ui/Button";
import { rateText } from "../ui/rates";
import { framesIn, type Remark, reportOf } from "../ui/report";
import { sayRefused } from "../ui/Toasts";
import { useChangeShot } from "./changes";
import styles from "./Shot.module.css";
import { ShotDialog } from "./ShotDialog";

const SOME = 5;
const ANEW = "Where that matters, have it delivered anew and add it as a new version.";
const SETTINGS = "Who may edit the shot can say it in its settings.";

/** What people can say, so that it need not be assumed. */
const TO_SAY: Record<string, "rate" | "colour space"> = {
  no_frame_rate: "rate",
  frame_rate_differs: "rate",
  odd_frame_rate: "rate",
  drop_frame_timecode: "rate",
  timecode_beyond_rate: "rate",
  colorspace_assumed: "colour space",
  colorspace_differs: "colour space",
  colorspace_unlikely: "colour space",
  transfer_tagged: "colour space",
};

/** A warning of the shot's plate, and what to do about it. */
export function PlateWarning({ remark, shot, edits }: { remark: Remark; shot: Shot; edits: boolean }) {
  return (
    <div className={styles.warning}>
      <p>{remark.message}</p>
      <ToDo remark={remark} shot={shot} edits={edits} />
    </div>
  );
}

function ToDo({ remark, shot, edits }: { remark: Remark; shot: Shot; edits: boolean }) {
  const toSay = TO_SAY[remark.code];
  const frames = framesIn(remark).slice(0, SOME);
  if (toSay) return edits ? <Say remark={remark} shot={shot} what={toSay} /> : <small>{SETTINGS}</small>;
  return (
    <small>
      {frames.length > 0 && "Look at "}
      {frames.map((frame, at) => (
        <span key={frame}>
          {at > 0 && ", "}
          <Link to={`/shots/${shot.id}/review?frame=${frame}`}>{frame}</Link>
        </span>
      ))}
      {frames.length > 0 && ". "}
      {ANEW}
    </small>
  );
}

/** To say that what was assumed is right is an answer, too. */
function Say({ remark: { code }, shot, what }: { remark: Remark; shot: Shot; what: string }) {
  const change = useChangeShot(shot.id);
  const [opened, setOpened] = useState(false);
  const assumed = {
    no_frame_rate: { said: rateText(shot.fps), body: { fps: shot.fps } },
    colorspace_assumed: { said: shot.colorspace, body: { colorspace: shot.colorspace } },
  }[code];
  return (
    <div className={styles.saying}>
      {assumed?.said && (
        <Button small disabled={change.isPending} onClick={() => change.mutate(assumed.body, { onError: sayRefused })}>
          {assumed.said} is right
        </Button>
      )}
      <Button small onClick={() => setOpened(true)}>
        Say the {what}…
      </Button>
      {opened && <ShotDialog shot={shot} onClose={() => setOpened(false)} />}
    </div>
  );
}

/** What is good to know, when one asks for it. */
export function Infos({ of }: { of: { metadata: Record<string, unknown> } }) {
  const infos = reportOf(of).filter(({ level }) => level !== "warning");
  if (!infos.length) return null;
  return (
    <details className={styles.infos}>
      <summary>Also reported: {infos.length}</summary>
      <ul>
        {infos.map(({ message }) => (
          <li key={message}>{message}</li>
        ))}
      </ul>
    </details>
  );
}
