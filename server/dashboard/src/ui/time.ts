/** Times and lengths as people read them. */

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
const EXACT = new Intl.DateTimeFormat(undefined, {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  timeZoneName: "short",
});

const DAY = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric" });
const HOUR = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" });

/** "3 min. ago", "in 5 days". */
export function away(time: string, now = Date.now()): string {
  const seconds = (Date.parse(time) - now) / 1000;
  const [unit, length] = UNITS.find((each) => Math.abs(seconds) >= each[1]) ?? ["second", 1];
  return RELATIVE.format(Math.round(seconds / length), unit);
}

/** The date and the time of day where the reader is, with its zone. */
export function exact(time: string): string {
  return EXACT.format(new Date(time));
}

/** The two of them apart, for narrow columns. */
export function dayOf(time: string): string {
  return DAY.format(new Date(time));
}

export function hourOf(time: string): string {
  return HOUR.format(new Date(time));
}

/** "42 s", "3 min 5 s", "2 h 10 min": two units at most. */
export function lasting(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return pair(Math.floor(whole / 60), "min", whole % 60, "s");
  return pair(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
}

function pair(large: number, unit: string, small: number, part: string): string {
  return small ? `${large} ${unit} ${small} ${part}` : `${large} ${unit}`;
}
