/**
 * One page at a time, of all that are open in this browser: a refresh token works once, and two pages
 * that sent the same one would end the sign-in. The sign-in pages take the same turns.
 */

interface Turns {
  alone<T>(work: () => Promise<T>): Promise<T>;
}

export async function alone<T>(work: () => Promise<T>): Promise<T> {
  const address = new URL("/pages/turns.js", document.baseURI).href;
  const turns = (await import(/* @vite-ignore */ address)) as Turns;
  return turns.alone(work);
}
