import { useEffect } from "react";

const PRODUCT = "Megaton Roto";

/** What the browser's tab, and the line in its history, are called where this is shown. */
export function titleOf(...parts: (string | undefined)[]): string {
  return [...parts, PRODUCT].filter(Boolean).join(" \u00b7 ");
}

/** Name the tab after what a page shows, once it is known. */
export function useTitle(...parts: (string | undefined)[]): void {
  const title = parts.some(Boolean) ? titleOf(...parts) : "";
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);
}
