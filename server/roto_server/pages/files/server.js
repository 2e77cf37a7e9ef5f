// The server this page came from. Who is signed in is in HttpOnly cookies, which no script can read.

import { alone } from "./turns.js";

const API = new URL("api/v1/", document.baseURI);

/** What the server refused. `code` is stable, `message` and `hint` are for people. */
export class Refusal extends Error {
  constructor(status, told) {
    super(told.message || `The server answered ${status}.`);
    this.status = status;
    this.code = told.code || "";
    this.hint = told.hint || "";
    const errors = told.detail?.errors || [];
    /** Names of the fields of the body that do not fit. */
    this.fields = errors.map((error) => String(error.at).split(".").pop());
  }
}

/** One request, by whoever is signed in or nobody. */
export async function ask(method, path, body) {
  const headers = { Accept: "application/json", "X-Roto-CSRF": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(new URL(path, API), {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      cache: "no-store",
      // Also when the page is left meanwhile: a refresh token that was used must be replaced.
      keepalive: path === "auth/refresh",
    });
  } catch {
    throw new Refusal(0, {
      code: "unreachable",
      message: "The server cannot be reached.",
      hint: "Try again in a moment.",
    });
  }
  const told = answer.status === 204 ? null : await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, told);
  return told;
}

/** As the person who is signed in; raises `Refusal` with status 401 when nobody is. */
export async function call(method, path, body) {
  try {
    return await ask(method, path, body);
  } catch (refusal) {
    if (refusal.status !== 401) throw refusal;
    await whoIsSignedIn();
    return ask(method, path, body);
  }
}

/** The person who is signed in in this browser, or null. */
export async function whoIsSignedIn() {
  try {
    return (await alone(() => ask("POST", "auth/refresh"))).user;
  } catch (refusal) {
    if (![401, 403, 410].includes(refusal.status)) throw refusal;
    return null;
  }
}

/** Sign in with a password; the person. */
export async function signIn(email, password) {
  return (await ask("POST", "auth/login", { email, password, cookie: true })).user;
}

/** Sign out, here or (`everywhere`) on all machines. */
export async function signOut(everywhere = false) {
  await call("POST", everywhere ? "auth/logout-everywhere" : "auth/logout");
}
