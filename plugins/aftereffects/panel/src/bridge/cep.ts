/** The one way from the panel into After Effects: `evalScript`, text in and text out. */

/** What CEP puts on the page, as far as the panel uses it. */
export interface Adobe {
  evalScript(script: string, callback: (result: string) => void): void;
  getSystemPath?(kind: string): string;
  getHostEnvironment?(): string;
  registerKeyEventsInterest?(keys: string): void;
  addEventListener?(type: string, listener: (event: unknown) => void): void;
}

/** CEP's own part of the page, beside `__adobe_cep__`. */
interface Cep {
  util?: { openURLInDefaultBrowser?(url: string): { err: number } };
}

declare global {
  interface Window {
    __adobe_cep__?: Adobe;
    cep?: Cep;
    cep_node?: { require(name: string): unknown };
    require?: (name: string) => unknown;
  }
}

/**
 * Runs scripts one after the other.
 *
 * After Effects runs them on its main thread; a queue on our side keeps an answer from being taken
 * for that of another call, and keeps the ones that wait cancellable.
 */
export class ScriptQueue {
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly adobe: Pick<Adobe, "evalScript">) {}

  run(script: string): Promise<string> {
    const next = this.last.then(
      () => new Promise<string>((done) => this.adobe.evalScript(script, done)),
    );
    this.last = next.catch(() => undefined);
    return next;
  }
}

/** Node's `require` in the panel, null in an ordinary browser. */
export function nodeRequire(): ((name: string) => unknown) | null {
  const cep = window.cep_node;
  if (cep) return (name) => cep.require(name);
  return window.require ?? null;
}

/** " on ws042", empty where nobody tells. */
export function machineName(require: ((name: string) => unknown) | null): string {
  const os = require?.("os") as { hostname?: () => string } | undefined;
  const name = os?.hostname?.().split(".")[0];
  return name ? ` on ${name}` : "";
}

/**
 * Shows a page in the artist's browser; false where CEP does not. Not by `window.open`: that would
 * be a window of After Effects, without the artist's cookies.
 */
export function openPage(url: string): boolean {
  // CEP would open files and mail addresses, too.
  const open = /^https?:\/\//.test(url) ? window.cep?.util?.openURLInDefaultBrowser : undefined;
  return open !== undefined && open(url).err === 0;
}

/** Key codes of the canvas' keys: of Windows, and of macOS, which counts them otherwise. */
const WINDOWS_KEYS = {
  undo: 90,
  arrows: [37, 38, 39, 40],
  // Enter, Escape, Delete, Backspace, space, Page Up, Page Down, F, -, and the keypad's - and +.
  others: [13, 27, 46, 8, 32, 33, 34, 70, 189, 109, 107],
  plus: 187,
};
const MAC_KEYS = {
  undo: 6,
  arrows: [123, 124, 125, 126],
  others: [36, 53, 117, 51, 49, 116, 121, 3, 27, 78, 69],
  plus: 24,
};

/** Keys that should come to the panel while it has the focus, not to After Effects' shortcuts. */
export function claimKeys(adobe: Adobe, platform: string): void {
  const mac = platform.startsWith("Mac");
  const { undo, arrows, others, plus } = mac ? MAC_KEYS : WINDOWS_KEYS;
  const command = mac ? { metaKey: true } : { ctrlKey: true };
  const keys = [
    { keyCode: undo, ...command },
    { keyCode: undo, ...command, shiftKey: true },
    ...[...arrows, ...others, plus].map((keyCode) => ({ keyCode })),
    ...[...arrows, plus].map((keyCode) => ({ keyCode, shiftKey: true })),
  ];
  adobe.registerKeyEventsInterest?.(JSON.stringify(keys));
}

/** The brightness After Effects' panels have, as CSS colours; null where it does not tell. */
export function hostBackground(adobe: Adobe): string | null {
  const told = adobe.getHostEnvironment?.();
  if (!told) return null;
  try {
    const skin = JSON.parse(told)?.appSkinInfo?.panelBackgroundColor?.color;
    const parts = [skin?.red, skin?.green, skin?.blue].map(Number);
    return parts.every(Number.isFinite) ? `rgb(${parts.map(Math.round).join(", ")})` : null;
  } catch {
    return null;
  }
}
