/** Names nobody else has: 32 hex digits. For requests, and for work that must not be made twice. */

export function newKey(): string {
  const bytes = globalThis.crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
