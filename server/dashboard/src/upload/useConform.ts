import { useIsMutating, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { everything } from "../api/everything";
import { Problem } from "../api/problem";
import { keys } from "../api/queries";
import type { ConformEvent, ConformIn, ConformOut, ConformSummary, EventIn } from "../api/schema";
import { base64 } from "../ui/bytes";

export type Conform = ConformOut;
export type Event = ConformEvent;

const listKey = (projectId: string) => [...keys.projects, "conforms", projectId] as const;
const oneKey = (id: string) => [...keys.projects, "conform", id] as const;
const at = (id: string) => ({ path: { conform_id: id } });

export function useConforms(projectId: string) {
  return useQuery({
    queryKey: listKey(projectId),
    queryFn: () =>
      everything((cursor) =>
        data(
          api.GET("/api/v1/projects/{project_id}/conforms", {
            params: { path: { project_id: projectId }, query: { limit: 100, cursor } },
          }),
        ),
      ) as Promise<ConformSummary[]>,
  });
}

export function useConform(id: string) {
  return useQuery({
    queryKey: oneKey(id),
    queryFn: () => data(api.GET("/api/v1/conforms/{conform_id}", { params: at(id) })) as Promise<Conform>,
  });
}

type NewList = Omit<ConformIn, "file_name" | "text" | "base64"> & { file: File };

export function useNewConform(projectId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async ({ file, ...told }: NewList) =>
      (await data(
        api.POST("/api/v1/projects/{project_id}/conforms", {
          params: { path: { project_id: projectId } },
          body: { ...told, ...(await listOf(file)) },
        }),
      )) as Conform,
    onSuccess: (made) => {
      queries.setQueryData(oneKey(made.id), made);
      return queries.invalidateQueries({ queryKey: listKey(projectId) });
    },
  });
}

/** What changes of a list have in common: what is answered is the list as it is then, so one comes after the other. */
function useListChange(id: string) {
  const queries = useQueryClient();
  return {
    mutationKey: oneKey(id),
    scope: { id: `conform ${id}` },
    onSuccess: (told: Conform): unknown => queries.setQueryData(oneKey(id), told),
    onError: () => queries.invalidateQueries({ queryKey: oneKey(id) }),
  };
}

/** Of one event: each row has its own, for another's may be on its way. */
export function useEventChange(id: string, index: number) {
  return useMutation({
    ...useListChange(id),
    mutationFn: (body: EventIn) =>
      data(
        api.PATCH("/api/v1/conforms/{conform_id}/events/{index}", {
          params: { path: { conform_id: id, index } },
          body,
        }),
      ) as Promise<Conform>,
  });
}

export function useConformChanges(id: string) {
  const queries = useQueryClient();
  const options = useListChange(id);
  const match = useMutation({
    mutationFn: (folders: string[]) =>
      data(api.POST("/api/v1/conforms/{conform_id}/match", { params: at(id), body: { folders } })) as Promise<Conform>,
    ...options,
  });
  const apply = useMutation({
    mutationFn: () =>
      data(api.POST("/api/v1/conforms/{conform_id}/apply", { params: at(id), body: {} })) as Promise<Conform>,
    ...options,
    onSuccess: async (told: Conform) => {
      queries.setQueryData(oneKey(id), told);
      await queries.invalidateQueries({ queryKey: keys.shots });
    },
  });
  const remove = useMutation({
    mutationFn: () => data(api.DELETE("/api/v1/conforms/{conform_id}", { params: at(id) })),
    onSuccess: () => queries.invalidateQueries({ queryKey: keys.projects }),
  });
  const busy = useIsMutating({ mutationKey: oneKey(id) }) > 0;
  return { match, apply, remove, busy };
}

/** Events that become shots when the list is applied. */
export function ready({ entries }: Conform): Event[] {
  return entries.filter(({ state, made }) => state === "matched" && !made);
}

/** The list as the server takes it: text as text; AAF, and text of older systems, in base64, byte for byte. */
export async function listOf(file: File): Promise<Pick<ConformIn, "file_name" | "text" | "base64">> {
  const bytes = new Uint8Array(await read(file));
  const text = textOf(bytes);
  return text === null ? { file_name: file.name, base64: base64(bytes) } : { file_name: file.name, text };
}

/** A file that was written after it was chosen is one that the browser reads no more. */
async function read(file: File): Promise<ArrayBuffer> {
  try {
    return await file.arrayBuffer();
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    const message = `The browser cannot read ${file.name} any more: ${error.message}`;
    throw new Problem(0, { code: "unreadable", message, hint: "It was changed or moved since. Choose it again." });
  }
}

/** null of what is no UTF-8. */
function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
