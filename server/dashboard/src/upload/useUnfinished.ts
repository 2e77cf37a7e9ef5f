import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { everything } from "../api/everything";
import type { UploadListed } from "../api/schema";
import { forgetKept, type Kept, readKept } from "./keeping";
import { heldIds } from "./locks";
import { discardUpload, useQueue } from "./queue";

const KEY = ["uploads"] as const;
const AGAIN_MS = 5000;

/** Something that was begun and is no shot yet: known to this browser, to the server, or to both. */
export interface Begun {
  key: string;
  kept: Kept | null;
  upload: UploadListed | null;
}

/** What was begun before, by this browser or another, and is not on its way from here. */
export function useUnfinished(userId: string) {
  const queries = useQueryClient();
  const items = useQueue((state) => state.items);
  const uploads = useQuery({
    queryKey: [...KEY, items.length],
    staleTime: 0,
    queryFn: () =>
      everything((cursor) =>
        data(api.GET("/api/v1/uploads", { params: { query: { limit: 1000, cursor } } })),
      ) as Promise<UploadListed[]>,
  });
  const kept = useQuery({
    queryKey: [...KEY, "kept", userId, items.length],
    staleTime: 0,
    queryFn: async () => ({ all: await keptHere(userId), held: await heldIds() }),
    // Another tab may be closed in the middle.
    refetchInterval: ({ state }) => (state.data?.held.size ? AGAIN_MS : false),
  });
  const here = new Set(items.map((item) => item.kept.id));
  const sending = new Set(items.map((item) => item.kept.uploadId));
  const begun = joined(
    (kept.data?.all ?? []).filter(({ id, uploadId }) => !here.has(id) && !(uploadId && sending.has(uploadId))),
    (uploads.data ?? []).filter(({ id }) => !sending.has(id)),
    kept.data?.held ?? new Set(),
  );
  async function discard({ kept: record, upload }: Begun): Promise<void> {
    if (upload) await discardUpload(upload.id);
    if (record) await forgetKept([record.id]);
    await queries.invalidateQueries({ queryKey: KEY });
  }
  return { begun: uploads.data && kept.data ? begun : [], discard };
}

/** Records and the server's uploads, each once; what another tab sends is in neither. */
export function joined(kept: readonly Kept[], uploads: readonly UploadListed[], held: ReadonlySet<string>): Begun[] {
  const byId = new Map(uploads.map((upload) => [upload.id, upload]));
  const known = new Set(kept.map(({ uploadId }) => uploadId));
  const ours = kept
    .filter(({ id }) => !held.has(id))
    .map((one) => ({ key: one.id, kept: one, upload: byId.get(one.uploadId ?? "") ?? null }));
  // A complete upload without a record has become a shot, as far as anybody knows.
  const others = uploads
    .filter(({ id, state }) => state === "open" && !known.has(id))
    .map((upload) => ({ key: upload.id, kept: null, upload }));
  return [...ours, ...others];
}

/** A browser that keeps nothing has begun nothing that it knows of. */
async function keptHere(userId: string): Promise<Kept[]> {
  try {
    return await readKept(userId);
  } catch {
    useQueue.setState({ keeps: false });
    return [];
  }
}
