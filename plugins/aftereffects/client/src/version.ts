/** The product's version and the rule which versions talk to each other (contract/version.py). */

export const PRODUCT_VERSION = "0.2.0";
export const VERSION_HEADER = "X-Roto-Version";
export const API_PREFIX = "/api/v1";

/** Same major, minor at most one apart. A version that cannot be read does not fit. */
export function versionsFit(mine: string, theirs: string): boolean {
  const ours = parts(mine);
  const others = parts(theirs);
  return (
    ours !== null && others !== null && ours[0] === others[0] && Math.abs(ours[1] - others[1]) <= 1
  );
}

function parts(version: string): [number, number] | null {
  const match = /^(\d+)\.(\d+)(\.|$)/.exec(version);
  return match ? [Number(match[1]), Number(match[2])] : null;
}
