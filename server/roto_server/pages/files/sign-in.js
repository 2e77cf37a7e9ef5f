import { ask, signIn, whoIsSignedIn } from "./server.js";
import { asked, byId, carried, fill, goOn, onClick, onSubmit, tell, tellRefusal } from "./page.js";

const PROBLEMS = {
  cancelled: ["You came back without signing in.", "Try again, or sign in with a password."],
  expired: ["The sign-in took too long, or was begun in another browser.", "Please try again."],
  unavailable: ["The sign-in service cannot be reached at the moment.", "Try again in a few minutes; if it stays so, tell an administrator."],
  refused: ["The sign-in could not be verified.", "Try again; if it stays so, tell an administrator."],
  unverified: ["The sign-in service does not vouch for your e-mail address.", "Sign in with a password, or ask an administrator."],
  domain: ["This server lets in people of the studio only.", "Sign in with your account at the studio."],
  unknown: ["You have no account here yet.", "Ask an administrator to invite you."],
  disabled: ["Your account is disabled.", "An administrator of the server can say why."],
};

function tellProblem() {
  const [message, hint] = PROBLEMS[new URLSearchParams(location.search).get("problem")] || [];
  tell("problem", message, hint);
}

function tellPurpose() {
  if (!asked().startsWith("/device")) return;
  fill("purpose", "Then you can let your program in.");
  byId("purpose").hidden = false;
}

function offer({ providers, registration }) {
  for (const { title, start_url } of providers) {
    const link = document.createElement("a");
    link.className = "button";
    link.textContent = `Sign in with ${title}`;
    const address = new URL(start_url);
    address.searchParams.set("return_to", carried());
    link.href = address;
    byId("providers").append(link);
  }
  byId("providers").hidden = byId("or").hidden = !providers.length;
  byId("register").hidden = registration === "closed";
}

onSubmit(byId("form"), "problem", async () => {
  byId("unconfirmed").hidden = true;
  try {
    await signIn(byId("email").value.trim(), byId("password").value);
  } catch (refusal) {
    byId("unconfirmed").hidden = refusal.code !== "email_unconfirmed";
    byId("password").select();
    throw refusal;
  }
  goOn();
});

onClick(byId("resend"), "problem", async () => {
  await ask("POST", "auth/resend", { email: byId("email").value.trim() });
  fill("resent", "Sent. Look into your mail.");
});

tellProblem();
tellPurpose();
try {
  const [person, ways] = await Promise.all([whoIsSignedIn(), ask("GET", "auth/providers")]);
  if (person) goOn();
  else offer(ways);
} catch (refusal) {
  tellRefusal("problem", refusal);
}
