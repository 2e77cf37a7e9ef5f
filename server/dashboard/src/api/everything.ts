/** All parts of a list, for lists that are short enough to be shown at once. */

import { Problem } from "./problem";

interface Part<T> {
  items: T[];
  next?: string | null;
}

type Ask<T> = (cursor: string | undefined) => Promise<Part<T>>;

/** More than there are of what is asked for whole: it ends a list that never would. */
const MOST = 50_000;

/**
 * Every item. What can be longer is shown part by part (`ui/useMore.ts`), and says that there is more.
 * Throws a `Problem` above 50,000 items: a list that was cut would be taken for all of it.
 */
export async function everything<T>(ask: Ask<T>): Promise<T[]> {
  const { items, more } = await beginning(ask, MOST);
  if (more)
    throw new Problem(0, {
      code: "page",
      message: `There are more than ${MOST} of them, which this page cannot show.`,
      hint: "Archive or delete what is no longer worked on, or ask for them by the API or `roto`.",
    });
  return items;
}

/** Parts until there are at least `most` items, for who says to people that it is not all. */
export async function beginning<T>(ask: Ask<T>, most: number): Promise<{ items: T[]; more: boolean }> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const part = await ask(cursor);
    items.push(...part.items);
    cursor = part.next ?? undefined;
  } while (cursor && items.length < most);
  return { items, more: cursor !== undefined };
}
