import { type SyntheticEvent, useMemo } from "react";

/**
 * Gives the keys back to the player after a click: a button or a list that was clicked would keep
 * Space and the arrows to itself. Who goes from one to the next by keys is left where they are.
 */
export function useKeysBack() {
  return useMemo(() => {
    let byPointer = false;

    function leave({ target }: SyntheticEvent, what: string): void {
      if (!byPointer || !(target instanceof Element) || target.closest("dialog")) return;
      const control = target.closest(what);
      if (control instanceof HTMLElement) control.blur();
    }

    return {
      onPointerDownCapture: () => void (byPointer = true),
      onKeyDownCapture: () => void (byPointer = false),
      onClick: (event: SyntheticEvent) => leave(event, "button, input[type=checkbox]"),
      onChange: (event: SyntheticEvent) => leave(event, "select"),
    };
  }, []);
}
