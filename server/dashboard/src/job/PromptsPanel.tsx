import { Link } from "react-router";
import type { Shot } from "../api/shots";
import { colorOf } from "../review/colors";
import { plateAddress } from "../review/sources";
import styles from "./Job.module.css";
import { type Prompt, promptedOf, told } from "./prompts";
import type { Job } from "./useJob";

const MOST = 24;

/** What the job was shown, drawn on the frames it was shown on. */
export function PromptsPanel({ job, shot }: { job: Job; shot: Shot | undefined }) {
  const objects = promptedOf(job.params);
  if (!objects.length) return <p className={styles.none}>This job was given no prompts.</p>;
  return objects.map(({ name, label, color, prompts = [] }, index) => (
    <section key={name}>
      <h2>
        <span className={styles.dot} style={{ background: colorOf(color, index) }} aria-hidden="true" />
        {name} {label && <small>{label}</small>}
      </h2>
      <ul className={styles.prompts}>
        {prompts.slice(0, MOST).map((prompt) => (
          <li key={prompt.frame}>
            <Link to={`/shots/${job.shot_id}/review?job=${job.id}&frame=${prompt.frame}`}>
              {shot && <Picture job={job} shot={shot} prompt={prompt} colour={colorOf(color, index)} />}
              Frame {prompt.frame}
            </Link>
            <small>{told(prompt)}</small>
          </li>
        ))}
      </ul>
      {prompts.length > MOST && <p>And on {prompts.length - MOST} more frames.</p>}
    </section>
  ));
}

interface PictureProps {
  job: Job;
  shot: Shot;
  prompt: Prompt;
  colour: string;
}

function Picture({ job, shot, prompt, colour }: PictureProps) {
  const { width, height } = shot;
  if (!width || !height) return null;
  const { points = [], box, outline } = prompt;
  const mark = Math.max(width, height) / 40;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`Frame ${prompt.frame}: ${told(prompt)}`}>
      <image href={plateAddress(job.shot_id, prompt.frame, job.view, job.plate_version)} width={width} height={height} />
      {box && (
        <rect
          x={box[0]}
          y={box[1]}
          width={box[2] - box[0]}
          height={box[3] - box[1]}
          fill="none"
          stroke={colour}
          strokeWidth={mark / 4}
        />
      )}
      {outline?.map((curve, index) => (
        <polygon
          key={index}
          points={curve.points.map(([x, y]) => `${x},${y}`).join(" ")}
          fill="none"
          stroke={colour}
          strokeWidth={mark / 4}
        />
      ))}
      {points.map(({ x, y, positive }, index) => (
        <g key={index} transform={`translate(${x} ${y})`} stroke="#000" strokeWidth={mark / 6}>
          <circle r={mark} fill={positive ? "#74cf8c" : "#ff9a90"} />
          <path d={positive ? `M${-mark / 2} 0H${mark / 2}M0 ${-mark / 2}V${mark / 2}` : `M${-mark / 2} 0H${mark / 2}`} />
        </g>
      ))}
    </svg>
  );
}
