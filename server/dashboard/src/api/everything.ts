/** All parts of a list, for lists that are short enough to be shown at once. */

interface Part<T> {
  items: T[];
  next?: string | null;
}

/** Ask for part after part; at most `most` items, so that a page never waits for thousands. */
export async function everything<T>(
  ask: (cursor: string | undefined) => Promise<Part<T>>,
  most = 1000,
): Promise<T[]> {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const part = await ask(cursor);
    found.push(...part.items);
    cursor = part.next ?? undefined;
  } while (cursor && found.length < most);
  return found;
}
