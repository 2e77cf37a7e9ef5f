// What all pages have in common: views, forms, problems, and where to go next.

// The server has the same in Python: access/own_pages.py; there the sign-in page is one of them.
const OWN_PAGE = new RegExp(
  "^/(account|device(\\?code=[A-Za-z0-9-]{1,20})?" +
    "|(jobs|review|shots|projects|upload|farm|statistics|people|audit|settings|profile)(/[A-Za-z0-9_-]{1,64}){0,4}" +
    "(\\?[A-Za-z0-9_.~%&=+,:*-]{0,4000})?)$",
);

const KEPT = "roto-next";
const MOST_CARRIED = 500;

export function byId(id) {
  return document.getElementById(id);
}

export function fill(id, text) {
  byId(id).textContent = text;
}

/** Show one of the page's views and hide the others; screen readers hear its heading. */
export function show(name) {
  for (const view of document.querySelectorAll("[data-view]")) {
    view.hidden = view.dataset.view !== name;
  }
  if (byId("loading")) byId("loading").hidden = true;
  const view = document.querySelector(`[data-view="${name}"]`);
  const field = view.querySelector("form:not([hidden]) input:not([readonly])");
  const first = field && !field.closest("details") ? field : view.querySelector("h1");
  // Whoever is typing already goes on where they are.
  if (!view.contains(document.activeElement)) first.focus();
}

/** Tell what went wrong in `id`; with nothing, hide it. */
export function tell(id, message = "", hint = "") {
  const place = byId(id);
  place.replaceChildren(message);
  if (hint) {
    const small = document.createElement("small");
    small.textContent = hint;
    place.append(small);
  }
  place.hidden = !message;
}

export function tellRefusal(id, refusal) {
  if (!(refusal instanceof Error)) throw refusal;
  tell(id, refusal.message, refusal.hint);
}

/** Run `work(button)` when a form is sent; what it refuses is told in `problem`. */
export function onSubmit(form, problem, work) {
  // Those that are seen before their script is there wait for it.
  for (const button of form.querySelectorAll("button")) button.disabled = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tell(problem);
    const lacking = [...form.elements].filter((field) => field.willValidate && !isGood(field));
    if (lacking.length) {
      tell(problem, complaint(lacking[0]));
      lacking[0].focus();
      return;
    }
    busy(form, problem, () => work(event.submitter));
  });
}

/** Run `work` when a button outside of a form is pressed. */
export function onClick(button, problem, work) {
  button.addEventListener("click", () => {
    tell(problem);
    busy(button, problem, work);
  });
}

async function busy(place, problem, work) {
  const buttons = place.matches("button") ? [place] : [...place.querySelectorAll("button")];
  for (const button of buttons) button.disabled = true;
  try {
    await work();
  } catch (refusal) {
    tellRefusal(problem, refusal);
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

function isGood(field) {
  const good = field.checkValidity();
  field.setAttribute("aria-invalid", String(!good));
  return good;
}

function complaint(field) {
  const label = field.labels[0]?.firstChild.textContent.trim() || "A field";
  if (field.validity.valueMissing) return `${label} is missing.`;
  return `${label}: ${field.validationMessage}`;
}

/** The page of ours that was asked for; this tab keeps it while the browser is at a provider. */
export function asked() {
  const told = [new URLSearchParams(location.search).get("next"), sessionStorage.getItem(KEPT)];
  return told.find((next) => next && OWN_PAGE.test(next)) || "/account";
}

/** What a provider's flow carries to come back to `asked()`: the server keeps no longer ones. */
export function carried() {
  const next = asked();
  sessionStorage.removeItem(KEPT);
  if (next.length <= MOST_CARRIED) return next;
  sessionStorage.setItem(KEPT, next);
  return "/sign-in";
}

/** Go to the page that was asked for. */
export function goOn() {
  const next = asked();
  sessionStorage.removeItem(KEPT);
  go(next);
}

/** Go to a page of ours, given as "/device?code=...". */
export function go(path) {
  location.replace(new URL(`.${path}`, document.baseURI));
}

/** Go and sign in, then come back to `path`. */
export function goSignIn(path) {
  go(`/sign-in?next=${encodeURIComponent(path)}`);
}

/** The token behind the # of a link in a mail; it is taken out of the address and the history. */
export function tokenOfLink() {
  const token = new URLSearchParams(location.hash.slice(1)).get("token") || "";
  history.replaceState(null, "", location.pathname + location.search);
  // Another link, opened in this very tab.
  addEventListener("hashchange", () => location.reload());
  return token;
}

/** "3 minutes ago", "in 5 days". */
export function away(time) {
  const seconds = (new Date(time) - Date.now()) / 1000;
  const units = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, length] = units.find((each) => Math.abs(seconds) >= each[1]) || units[3];
  const words = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  return words.format(Math.round(seconds / length), unit);
}
