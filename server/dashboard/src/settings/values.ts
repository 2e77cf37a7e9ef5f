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
