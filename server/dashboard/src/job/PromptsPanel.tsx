import { useEffect, useId, useState } from "react";
import { Link } from "react-router";
import type { Job } from "../api/jobs";
import { usePlates } from "../api/shots";
import { colorOf } from "../review/colors";
import { curvePath, pngOf } from "../review/prompted";
import { plateAddress } from "../review/sources";
import styles from "./Job.module.css";
import { type Prompt, promptedOf, told } from "./prompts";

const MOST = 24;

/** What the job was shown, drawn on the frames it was shown on. */
export function PromptsPanel({ job }: { job: Job }) {
  const objects = promptedOf(job.params);
  // The marks are pixels of the plate that was prompted, not of the shot's plate of today.
  const plates = usePlates(job.shot_id).data ?? [];
  const plate = plates.find(({ view, version }) => view === job.view && version === job.plate_version);
  const { width, height } = plate ?? {};
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
              {width && height && (
                <Picture job={job} plate={{ width, height }} prompt={prompt} colour={colorOf(color, index)} />
              )}
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

interface Size {
  width: number;
  height: number;
}

interface PictureProps {
  job: Job;
  plate: Size;
  prompt: Prompt;
  colour: string;
}

function Picture({ job, plate, prompt, colour }: PictureProps) {
  const { width, height } = plate;
  const { points = [], box, mask, outline } = prompt;
  const mark = Math.max(width, height) / 40;
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`Frame ${prompt.frame}: ${told(prompt)}`}>
      <image href={plateAddress(job.shot_id, prompt.frame, job.view, job.plate_version)} width={width} height={height} />
      {mask && <MaskTint png={mask.png} plate={plate} colour={colour} />}
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
        <path
          key={index}
          d={curvePath(curve)}
          fill="none"
          stroke={colour}
          strokeWidth={mark / 4}
          strokeDasharray={curve.mode === "subtract" ? mark : undefined}
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

const TINT = 0.45;

/** The object's colour where its mask is bright. */
function MaskTint({ png, plate, colour }: { png: string; plate: Size; colour: string }) {
  const id = useId();
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(pngOf(png));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [png]);
  return (
    <>
      <mask id={id} maskUnits="userSpaceOnUse" {...plate}>
        <image href={address} preserveAspectRatio="none" {...plate} />
      </mask>
      <rect {...plate} fill={colour} opacity={TINT} mask={`url(#${id})`} />
    </>
  );
}
