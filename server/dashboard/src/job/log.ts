/** A log as lines, and what is looked for in it. */

export interface Hit {
  line: number;
  /** Characters. */
  from: number;
  to: number;
}

const MOST_HITS = 10_000;

/** Which job it is, everybody sees. */
const KNOWN = ["request_id", "job_id", "task_id", "attempt_id", "time", "event", "level"];

/** The log for people: workers write a document a line, in which ids come before what happened. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap(readable);
}

function readable(line: string): string[] {
  const told = line.startsWith("{") ? documentOf(line) : null;
  if (!told) return [line];
  const { time, level, event } = told;
  const begin = [timeOf(String(time ?? "")), level, event].filter(Boolean).join("  ");
  const more = Object.entries(told)
    .filter(([name, value]) => !KNOWN.includes(name) && value !== null && value !== "")
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`);
  // A traceback is a text of many lines.
  return [begin, ...more].join("  ").split("\n");
}

const MINUTE_MS = 60_000;

/** The time of day where the reader is, as all times on the page; logs are too long for `Intl`. */
function timeOf(time: string): string {
  const moment = new Date(time);
  if (Number.isNaN(moment.getTime())) return time;
  return new Date(moment.getTime() - moment.getTimezoneOffset() * MINUTE_MS).toISOString().slice(11, 23);
}

function documentOf(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** Where `wanted` is, whatever the case; at most so many as somebody goes through. */
export function hits(lines: readonly string[], wanted: string): Hit[] {
  const found: Hit[] = [];
  const needle = wanted.toLowerCase();
  if (!needle) return found;
  for (const [line, text] of lines.entries()) {
    const lower = text.toLowerCase();
    for (let from = lower.indexOf(needle); from >= 0; from = lower.indexOf(needle, from + needle.length)) {
      found.push({ line, from, to: from + needle.length });
      if (found.length >= MOST_HITS) return found;
    }
  }
  return found;
}

/** A line cut at its hits: what is one, and what is between. */
export function pieces(text: string, found: readonly Hit[]): { text: string; hit: Hit | null }[] {
  const cut: { text: string; hit: Hit | null }[] = [];
  let at = 0;
  for (const hit of found) {
    if (hit.from > at) cut.push({ text: text.slice(at, hit.from), hit: null });
    cut.push({ text: text.slice(hit.from, hit.to), hit });
    at = hit.to;
  }
  if (at < text.length || !cut.length) cut.push({ text: text.slice(at), hit: null });
  return cut;
}
