/** Which uploads another tab of this browser is sending; nothing is known without https. */

const PREFIX = "roto-upload ";

/** Hold `id` for this tab until the answer is called, or the tab is gone. */
export function holdForTab(id: string): () => void {
  let release = (): void => undefined;
  const until = new Promise<void>((resolve) => (release = resolve));
  void navigator.locks?.request(PREFIX + id, () => until);
  return release;
}

export async function heldIds(): Promise<Set<string>> {
  const told = (await navigator.locks?.query())?.held ?? [];
  const names = told.map(({ name }) => name ?? "").filter((name) => name.startsWith(PREFIX));
  return new Set(names.map((name) => name.slice(PREFIX.length)));
}
