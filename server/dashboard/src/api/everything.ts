/** All parts of a list, for lists that are short enough to be shown at once. */

interface Part<T> {
  items: T[];
  next?: string | null;
}

/**
 * Ask for part after part. At most `most` items, which are more than there are of what is asked for
 * so: what can be longer is shown part by part (`ui/useMore.ts`), and says that there is more.
 */
export async function everything<T>(
  ask: (cursor: string | undefined) => Promise<Part<T>>,
  most = 10_000,
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
