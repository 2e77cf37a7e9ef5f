/**
 * The sign-in lives in two HttpOnly cookies; this page holds no token. The one that opens requests is
 * short-lived: it is renewed a while before its end, and once more when a request is refused.
 */

import { Problem, type Told } from "./problem";
import { alone } from "./turns";

const RENEW_AT = 0.7;
/** The longest a browser's timer takes, and a session lives. */
const LONGEST = 2 ** 31 - 1;
/** Where this browser's pages tell each other until when the cookie is good that one of them has got last. */
const GOOD_UNTIL = "roto-good-until";

let renewal: Promise<boolean> | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Whether somebody is signed in here, with fresh cookies; raises `Problem` when nothing answers. */
export function renew(work = refresh): Promise<boolean> {
  renewal ??= alone(work).finally(() => {
    renewal = null;
  });
  return renewal;
}

async function refresh(): Promise<boolean> {
  const answer = await sent("/api/v1/auth/refresh");
  if ([401, 403, 410].includes(answer.status)) return false;
  const told = (await answer.json().catch(() => ({}))) as { expires_in?: number } & Told;
  if (!answer.ok) throw new Problem(answer.status, told);
  localStorage.setItem(GOOD_UNTIL, String(Date.now() + (told.expires_in ?? 0) * 1000));
  renewWithin(told.expires_in ?? 0);
  return true;
}

/** As `refresh`, unless another page has done it for a cookie that would have ended at `end`. */
async function refreshOnce(end: number): Promise<boolean> {
  const until = Number(localStorage.getItem(GOOD_UNTIL));
  if (until < end + 1000) return refresh();
  renewWithin((until - Date.now()) / 1000);
  return true;
}

/**
 * End the session (`everywhere`: those on other machines too), and go to the sign-in page; raises
 * `Problem` where somebody is still signed in.
 */
export async function signOut(everywhere = false): Promise<void> {
  clearTimeout(timer);
  const logout = () => sent(`/api/v1/auth/logout${everywhere ? "-everywhere" : ""}`, { "X-Roto-CSRF": "1" });
  let answer = await logout();
  // The cookie that opens requests may be over (a laptop that slept) while its session is not.
  if (answer.status === 401 && (await renew())) answer = await logout();
  if (!answer.ok && answer.status !== 401) {
    throw new Problem(answer.status, (await answer.json().catch(() => ({}))) as Told);
  }
  goSignIn();
}

/** To the sign-in page, and back to where we are. */
export function goSignIn(): void {
  const here = location.pathname + location.search;
  location.assign(`/sign-in?next=${encodeURIComponent(here)}`);
}

async function sent(path: string, headers: Record<string, string> = {}): Promise<Response> {
  try {
    // Also when the page is left meanwhile: a token that was used must be replaced.
    return await fetch(path, { method: "POST", headers, keepalive: true, cache: "no-store" });
  } catch {
    throw Problem.unreachable(path === "/api/v1/auth/refresh");
  }
}

/** Renew the sign-in before the `seconds` are over that its cookie is still good for. */
export function renewWithin(seconds: number): void {
  clearTimeout(timer);
  if (seconds < 1) return;
  const end = Date.now() + seconds * 1000;
  const wait = Math.min(seconds * RENEW_AT * 1000, LONGEST);
  // What fails here is tried again while there is time, and then with the next request.
  const again = () => renewWithin(seconds * (1 - RENEW_AT));
  timer = setTimeout(() => void renew(() => refreshOnce(end)).catch(again), wait);
}
