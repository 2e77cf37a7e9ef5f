/** Which cards are picked: one by one, or from the last to this one with Shift. */

import { useCallback, useState } from "react";

export function usePicking(order: readonly string[]) {
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [last, setLast] = useState("");

  const toggle = useCallback(
    (id: string, through: boolean) => {
      setPicked((before) => toggled(before, order, id, through ? last : ""));
      setLast(id);
    },
    [order, last],
  );
  const clear = useCallback(() => setPicked(new Set()), []);
  // What a filter has taken away is not acted on.
  return { picked: new Set(order.filter((id) => picked.has(id))), toggle, clear };
}

/** `picked` with `id` put in or taken out; from `last` on when there is one, all as `id` becomes. */
export function toggled(
  picked: ReadonlySet<string>,
  order: readonly string[],
  id: string,
  last: string,
): Set<string> {
  const after = new Set(picked);
  const [from, to] = [order.indexOf(last), order.indexOf(id)].sort((one, other) => one - other);
  const run = from !== undefined && from >= 0 ? order.slice(from, (to ?? from) + 1) : [id];
  for (const each of run) {
    if (picked.has(id)) after.delete(each);
    else after.add(each);
  }
  return after;
}
