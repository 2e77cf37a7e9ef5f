import { useInfiniteQuery, type QueryKey } from "@tanstack/react-query";

interface Part<T> {
  items: T[];
  next?: string | null;
}

/** A list that is asked for part by part; `rows` are those that have come. */
export function useMore<T>(
  queryKey: QueryKey,
  ask: (cursor: string | undefined) => Promise<Part<T>>,
  options: { staleTime?: number } = {},
) {
  const query = useInfiniteQuery({
    ...options,
    queryKey,
    queryFn: ({ pageParam }) => ask(pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (part) => part.next ?? undefined,
  });
  return { ...query, rows: query.data?.pages.flatMap((part) => part.items) ?? [] };
}
