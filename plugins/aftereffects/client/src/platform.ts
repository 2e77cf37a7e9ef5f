/** Which system this is, in the server's words: it tells paths as that system names them. */

export const PLATFORM_HEADER = "X-Roto-Platform";

export type Platform = "windows" | "macos" | "linux";

/** The system of this page or program; null where it does not say. */
export function thisPlatform(): Platform | null {
  const told = (globalThis.navigator?.platform ?? "").toLowerCase();
  if (told.startsWith("win")) {
    return "windows";
  }
  if (told.startsWith("mac")) {
    return "macos";
  }
  return told.startsWith("linux") ? "linux" : null;
}

/** Whether servers of `version` let pages send the header; to others a page could say nothing. */
export function takesPlatform(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 0 || minor >= 2;
}
