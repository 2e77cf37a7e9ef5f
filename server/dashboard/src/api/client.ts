/** The job server's API: typed by its OpenAPI document, signed in by cookie. */

import createClient, { type Middleware } from "openapi-fetch";
import { Problem, type Told } from "./problem";
import type { paths } from "./schema";
import { goSignIn, renew } from "./signing";

/** No page of another origin can send it. */
export const CSRF = { "X-Roto-CSRF": "1" } as const;

/** As `fetch`, with the sign-in renewed when it has run out; raises `Problem`. */
export async function fetched(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await reached(request);
  if (answer.status !== 401) return answer;
  if (!(await renew())) {
    goSignIn();
    return answer;
  }
  return reached(again);
}

const raising: Middleware = {
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return;
    const told = (await response.clone().json().catch(() => ({}))) as Told;
    throw new Problem(response.status, told);
  },
};

export const api = createClient<paths>({ baseUrl: "", fetch: fetched, headers: CSRF });
api.use(raising);

/** What an answer holds; refusals were raised before. */
export async function data<T>(asked: Promise<{ data?: T }>): Promise<T> {
  return (await asked).data as T;
}

async function reached(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw Problem.unreachable(["GET", "HEAD"].includes(request.method));
  }
}
