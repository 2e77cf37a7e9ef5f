/** What the panel writes, without any element. */

export interface Stretch {
  first: number;
  last: number;
  worst: number;
  confidence: number;
}

const STATES: Record<string, string> = {
  queued: "waiting",
  running: "running",
  cancelling: "stopping",
  succeeded: "done",
  failed: "failed",
  cancelled: "cancelled",
};

const STAGES: Record<string, string> = {
  ingest: "reading the plate",
  track: "tracking",
  vectorize: "drawing shapes",
  export: "writing files",
};

/** Seconds as an artist says them; empty where nobody knows. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "";
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${two(whole % 60)} min`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)} h`;
}

function two(number: number): string {
  return number < 10 ? `0${number}` : String(number);
}

/** How long a code still waits, `now` and `ends` as `Date.now()` counts. */
export function codeLeft(ends: number, now: number): string {
  return `Waiting for your browser, ${duration((ends - now) / 1000)} left.`;
}

export interface JobWords {
  state: string;
  stage: string;
  done: number;
  total: number;
  etaSeconds: number | null;
}

/** Where a job stands, in a few words. */
export function status(job: JobWords): string {
  if (job.state === "running" && job.stage) {
    const frames = job.total ? ` ${job.done}/${job.total}` : "";
    const left = duration(job.etaSeconds);
    return (STAGES[job.stage] ?? job.stage) + frames + (left ? `, ${left} left` : "");
  }
  return STATES[job.state] ?? job.state;
}

/** "1001-1096", or one frame. */
export function span(first: number, last: number): string {
  return first === last ? String(first) : `${first}-${last}`;
}

/** A stretch that needs the artist, in plate frames. */
export function need(name: string, stretch: Stretch): string {
  const sure = Math.round(stretch.confidence * 100);
  const worst = stretch.first === stretch.last ? "" : `, worst ${stretch.worst}`;
  return `${name}: ${span(stretch.first, stretch.last)}${worst} (${sure}% sure)`;
}

/** "1 frame", "3 frames". */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** Bytes as megabytes, for a line of progress. */
export function megabytes(bytes: number): string {
  return bytes < 10 << 20 ? (bytes / (1 << 20)).toFixed(1) : String(Math.round(bytes / (1 << 20)));
}
