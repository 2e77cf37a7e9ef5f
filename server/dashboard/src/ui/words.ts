/** "1 shot", "12,000 shots". */
export function plural(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${nounOf(count, what)}`;
}

/** "shot" of one, "shots" of others. */
export function nounOf(count: number, what: string): string {
  return count === 1 ? what : `${what}s`;
}

/** The server's name of an error as words: "unknown model". */
export function codeWords(code: string): string {
  return code.replaceAll("_", " ");
}
