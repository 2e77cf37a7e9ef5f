/** Keys for what must not be made twice. */

import { useRef } from "react";
import { newKey } from "roto-client/ids";

/** One key for each body that is sent: who presses twice, or whose answer was lost, makes one thing. */
export function useKeyFor(): (body: unknown) => string {
  const sent = useRef({ what: "", key: "" });
  return (body) => {
    const what = JSON.stringify(body);
    if (sent.current.what !== what) sent.current = { what, key: newKey() };
    return sent.current.key;
  };
}
