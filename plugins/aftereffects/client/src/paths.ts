/**
 * One folder, two names: how this machine's paths become the server's, and back (path_map.py).
 *
 * Artists sit on Windows and macOS, the farm runs Linux, and all mount the same storage. A rule is
 * a pair of prefixes, ours and the server's; the longest one that fits wins. Windows prefixes are
 * matched without regard to case and to the kind of slash.
 */

import { RotoError } from "./errors";

export type PathRule = readonly [ours: string, theirs: string];

const WINDOWS = /^([A-Za-z]:|\\\\|\/\/)/;

export class PathMap {
  constructor(readonly rules: readonly PathRule[] = []) {}

  /** Rules written `Z:\shows=/mnt/shows;/Volumes/shows=/mnt/shows`. */
  static parse(text: string): PathMap {
    const rules: PathRule[] = [];
    for (const rule of text.split(";").map((part) => part.trim())) {
      if (!rule) {
        continue;
      }
      const at = rule.indexOf("=");
      const ours = rule.slice(0, Math.max(0, at)).trim();
      const theirs = rule.slice(at + 1).trim();
      if (at < 0 || !ours || !theirs) {
        throw new RotoError(`The path rule ${JSON.stringify(rule)} is not OURS=THEIRS.`, {
          kind: "input",
          hint: "Write Z:\\shows=/mnt/shows;X:\\plates=/mnt/plates.",
        });
      }
      rules.push([ours, theirs]);
    }
    return new PathMap(rules);
  }

  /** `path` of this machine as the server names it; itself where no rule fits. */
  toServer(path: string): string {
    return swapped(path, this.rules);
  }

  /** A path of the server as this machine names it; itself where no rule fits. */
  toLocal(path: string): string {
    return swapped(
      path,
      this.rules.map(([ours, theirs]) => [theirs, ours] as const),
    );
  }

  toString(): string {
    return this.rules.map((rule) => rule.join("=")).join(";");
  }
}

/** Whether two paths are two spellings of one: of Windows by any case and slash. */
export function samePath(one: string, other: string): boolean {
  const windows = WINDOWS.test(one) && WINDOWS.test(other);
  const plain = (text: string): string => (windows ? folded(text) : text).normalize("NFC");
  return plain(one) === plain(other);
}

function folded(text: string): string {
  return text.replace(/\\/g, "/").toLowerCase();
}

function swapped(path: string, rules: readonly PathRule[]): string {
  const fitting = rules.filter(([near]) => rest(path, near) !== null);
  const best = fitting.reduce<PathRule | null>(
    (one, other) => (one && bare(one[0]).length >= bare(other[0]).length ? one : other),
    null,
  );
  if (!best) {
    return path;
  }
  const [near, far] = best;
  const slash = WINDOWS.test(far) && far.includes("\\") ? "\\" : "/";
  const parts = (rest(path, near) ?? "").split(WINDOWS.test(near) ? /[/\\]/ : "/").filter(Boolean);
  return [bare(far), ...parts].join(slash);
}

/** What follows `prefix` in `path`, from a slash on; null where it does not begin so. */
function rest(path: string, prefix: string): string | null {
  const near = bare(prefix);
  const start = path.slice(0, near.length);
  const windows = WINDOWS.test(near);
  const fits = windows ? folded(start) === folded(near) : start === near;
  const after = path.slice(near.length);
  const ends = after === "" || after[0] === "/" || (windows && after[0] === "\\");
  return fits && ends ? after : null;
}

function bare(prefix: string): string {
  return prefix.replace(/[/\\]+$/, "");
}
