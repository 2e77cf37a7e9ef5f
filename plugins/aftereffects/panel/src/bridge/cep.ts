/** The one way from the panel into After Effects: `evalScript`, text in and text out. */

/** What CEP puts on the page, as far as the panel uses it. */
export interface Adobe {
  evalScript(script: string, callback: (result: string) => void): void;
  getSystemPath?(kind: string): string;
  getHostEnvironment?(): string;
  registerKeyEventsInterest?(keys: string): void;
  addEventListener?(type: string, listener: (event: unknown) => void): void;
  openURLInDefaultBrowser?(url: string): void;
}

declare global {
  interface Window {
    __adobe_cep__?: Adobe;
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

/** Keys that should come to the panel while it has the focus, not to After Effects' shortcuts. */
export function claimKeys(adobe: Adobe): void {
  if (!adobe.registerKeyEventsInterest) return;
  const mac = navigator.platform.startsWith("Mac");
  const codes = mac
    ? { z: 6, left: 123, right: 124, down: 125, up: 126, enter: 36, escape: 53, del: 51, space: 49 }
    : { z: 90, left: 37, right: 39, down: 40, up: 38, enter: 13, escape: 27, del: 46, space: 32 };
  const undo = mac ? { metaKey: true } : { ctrlKey: true };
  const { z, ...plain } = codes;
  adobe.registerKeyEventsInterest(
    JSON.stringify([
      { keyCode: z, ...undo },
      { keyCode: z, ...undo, shiftKey: true },
      ...Object.values(plain).map((keyCode) => ({ keyCode })),
      ...[codes.left, codes.right, codes.up, codes.down].map((keyCode) => ({
        keyCode,
        shiftKey: true,
      })),
    ]),
  );
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
