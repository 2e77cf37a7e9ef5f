/** Settings as they are typed: texts as they are, everything else as JSON. */

export function writeValue(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What was typed, as the setting's default says it is: a text stays one, also if it looks like JSON. */
export function readValue(text: string, like: unknown): unknown {
  if (typeof like === "string") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // The server says what it takes, better than we could.
    return text;
  }
}

interface Change {
  name: string;
  /** null: its default. */
  value?: unknown;
}

/**
 * What each of the changes, newest first, found. Undefined where that is further back than they go;
 * where they are all there are, the default was there before the first.
 */
export function foundBy(changes: readonly Change[], areAll: boolean): unknown[] {
  return changes.map(({ name }, index) => {
    const before = changes.slice(index + 1).find((one) => one.name === name);
    return before ? (before.value ?? null) : areAll ? null : undefined;
  });
}

/** A value of a change: what is not known is told as such. */
export function writeChanged(value: unknown): string {
  return value === undefined ? "…" : value === null ? "its default" : writeValue(value);
}

/** The moment of a field for date and time, where the browser is; null of an empty one. */
export function momentOf(local: string): Date | null {
  const at = new Date(local);
  return local && !Number.isNaN(at.getTime()) ? at : null;
}
