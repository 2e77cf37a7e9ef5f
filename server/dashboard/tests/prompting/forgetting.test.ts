import { QueryClient } from "@tanstack/react-query";
import { expect, it } from "vitest";
import { forgetOldest } from "../../src/prompting/usePreview";

it("masks that nobody looks at are kept up to a size, the latest of them", () => {
  const queries = new QueryClient();
  // Two pictures of 2048 x 1152, as `Matte` counts them: 18 MB.
  const masks = new Map([["hero", { matte: { width: 2048, height: 2304 } }]]);
  for (let click = 0; click < 20; click += 1) {
    queries.setQueryData(["preview", 1001, click], masks, { updatedAt: click + 1 });
  }
  queries.setQueryData(["shots"], [], { updatedAt: 1 });
  forgetOldest(queries.getQueryCache());
  const kept = queries.getQueryCache().findAll({ queryKey: ["preview"] });
  expect(kept.map(({ queryKey }) => queryKey[2])).toEqual([6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  expect(queries.getQueryData(["shots"])).toEqual([]);
});
