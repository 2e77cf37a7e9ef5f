import { call, signOut, whoIsSignedIn } from "./server.js";
import { away, byId, fill, goSignIn, onClick, onSubmit, show, tell, tellRefusal } from "./page.js";

let code = new URLSearchParams(location.search).get("code") || "";
let person = null;

function here() {
  return code ? `/device?code=${encodeURIComponent(code)}` : "/device";
}

async function look() {
  const waiting = await call("GET", `auth/device/${encodeURIComponent(code)}`);
  fill("client", waiting.client);
  fill("approved-client", waiting.client);
  fill("shown", waiting.user_code);
  fill("person", person.name);
  fill("email", person.email);
  fill("address", waiting.address || "an unknown address");
  fill("since", away(waiting.created_at));
  show("ask");
}

function enter(refusal) {
  show("enter");
  if (!refusal) return;
  if (refusal.code === "not_found") tell("enter-problem", "No program waits with this code.", "Look again at what it shows.");
  else tellRefusal("enter-problem", refusal);
}

onSubmit(byId("enter"), "enter-problem", async () => {
  code = byId("code").value.trim().toUpperCase();
  history.replaceState(null, "", new URL(`.${here()}`, document.baseURI));
  try {
    await look();
  } catch (refusal) {
    if (refusal.status === 401) goSignIn(here());
    else enter(refusal);
  }
});

onSubmit(byId("ask"), "ask-problem", async (button) => {
  const approve = button.value === "approve";
  await call("POST", `auth/device/${encodeURIComponent(code)}/decision`, { approve });
  show(approve ? "approved" : "denied");
});

onClick(byId("sign-out"), "enter-problem", async () => {
  await signOut();
  goSignIn(here());
});

try {
  person = await whoIsSignedIn();
  byId("below").hidden = !person;
  if (!person) goSignIn(here());
  else if (code) await look();
  else enter();
} catch (refusal) {
  byId("code").value = code;
  enter(refusal);
}
