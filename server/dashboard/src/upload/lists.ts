/** Edit lists among what was dropped. */

import type { Dropped } from "./plates";

const HEAD = 4096;

/** Cameras write XML beside their clips, which is no edit list: Final Cut's say what they are. */
export async function withListsTold(dropped: readonly Dropped[]): Promise<Dropped[]> {
  return Promise.all(
    dropped.map(async (one) => {
      if (!/\.xml$/i.test(one.path)) return one;
      const head = await one.file.slice(0, HEAD).text();
      return { ...one, isSidecar: !/<(xmeml|fcpxml)\b|<!DOCTYPE (xmeml|fcpxml)\b/i.test(head) };
    }),
  );
}
