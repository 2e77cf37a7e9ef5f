import { type Query, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { create } from "zustand";
import { type Line as LineState, listen } from "../api/events";
import { keys } from "../api/queries";
import { goSignIn, renew } from "../api/signing";
import styles from "./Line.module.css";
import { refresher } from "./refreshing";

const useLine = create<{ line: LineState }>(() => ({ line: "connecting" }));

const LABELS: Record<LineState, string> = {
  connecting: "Connecting",
  live: "Live",
  lost: "No connection: what you see may be old",
};

/** And is not being asked again: that answer is of now. */
const isAnswered = ({ state }: Query) => state.data !== undefined && state.fetchStatus === "idle";

/** Keeps the page as the server is, and tells whether it can. */
export function Line() {
  const line = useLine((state) => state.line);
  const queries = useQueryClient();
  useEffect(() => {
    const refresh = refresher(queries);
    let was: LineState = "connecting";
    const stop = listen({
      onEvent: refresh.take,
      onLine(next) {
        // A handshake that is refused for its sign-in's sake tells a page nothing: a question renews it.
        if (next === "lost") void queries.invalidateQueries({ queryKey: keys.me }, { cancelRefetch: false });
        // Whatever was told meanwhile comes by itself; what failed meanwhile does not.
        if (next === "live" && was === "lost") void queries.refetchQueries({ type: "active" });
        // Nobody tells what happened before the line was there: what was answered by then may be old already.
        if (next === "live" && was === "connecting") void queries.invalidateQueries({ predicate: isAnswered });
        was = next === "connecting" ? was : next;
        useLine.setState({ line: next });
      },
      async onSignedOut() {
        if (await renew().catch(() => true)) return false;
        goSignIn();
        return true;
      },
    });
    return () => {
      stop();
      refresh.stop();
    };
  }, [queries]);
  return (
    <span className={`${styles.line} ${styles[line]}`} role="status">
      <span aria-hidden="true">{line === "live" ? "●" : line === "lost" ? "✕" : "○"}</span>
      <span className={line === "live" ? styles.quiet : undefined}>{LABELS[line]}</span>
    </span>
  );
}
