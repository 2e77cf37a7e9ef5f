import type { ReactNode } from "react";
import { goSignIn } from "../api/signing";
import { ProblemBox } from "../ui/ProblemBox";
import { Waiting } from "../ui/Waiting";
import { type Me, useMe } from "./session";

/** What follows is for somebody who is signed in; others go to the sign-in page and come back. */
export function Guard({ children }: { children(me: Me): ReactNode }) {
  const me = useMe();
  if (me.data) return children(me.data);
  if (me.isPending) return <Waiting what="Signing in" />;
  if (me.error && "status" in me.error && me.error.status === 401) {
    goSignIn();
    return <Waiting what="Signing in" />;
  }
  return <ProblemBox problem={me.error} again={() => void me.refetch()} />;
}
