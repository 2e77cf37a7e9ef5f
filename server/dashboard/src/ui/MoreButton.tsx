import { Button } from "./Button";

interface More {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage(): unknown;
}

/** Below a list of which there is more. */
export function MoreButton({ list }: { list: More }) {
  if (!list.hasNextPage) return null;
  return (
    <Button disabled={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
      {list.isFetchingNextPage ? "Loading…" : "Show more"}
    </Button>
  );
}
