import { useShot } from "../api/shots";
import page from "../ui/Page.module.css";
import { warningsOf } from "../ui/report";

/** What became of a plate once it was sent: it is read, and what its reader warns of. */
export function Reading({ shotId }: { shotId: string }) {
  const { data: shot } = useShot(shotId);
  if (!shot) return null;
  if (shot.state === "probing") return <small>being read</small>;
  const refused = shot.error?.message;
  if (typeof refused === "string") return <small className={page.bad}>{refused}</small>;
  return warningsOf(shot).map(({ message }) => <small key={message}>{message}</small>);
}
