import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type Shot, useVersions } from "../api/shots";
import { DECISIONS, hindrance } from "../review/decisions";
import { forget, move } from "../review/moves";
import { newest } from "../review/sent";
import { Button } from "../ui/Button";
import { say, sayRefused } from "../ui/Toasts";

/** The newest version that is done goes to whoever decides; nothing where one may not, or it is there. */
export function SendToReview({ shot }: { shot: Pick<Shot, "id" | "name" | "review" | "may"> }) {
  const versions = useVersions(shot.id);
  const queries = useQueryClient();
  const version = newest(versions.data ?? []);
  const send = useMutation({
    mutationFn: () => move(shot, "pending_review", version?.id ?? null),
    onSuccess: () => say(`v${version?.version} of ${shot.name} is ${DECISIONS.pending_review.done}.`),
    onError: sayRefused,
    onSettled: () => forget(queries, shot.id),
  });
  const why = hindrance(shot, version, "pending_review");
  if (why === "hidden" || !versions.data || !DECISIONS.pending_review.from.includes(shot.review ?? "")) return null;
  return (
    <Button disabled={why !== null || send.isPending} title={why ?? undefined} onClick={() => send.mutate()}>
      Send to review
    </Button>
  );
}
