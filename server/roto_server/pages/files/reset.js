import { ask } from "./server.js";
import { byId, fill, onSubmit, show, tokenOfLink } from "./page.js";

const token = tokenOfLink();

onSubmit(byId("forgot"), "forgot-problem", async () => {
  const email = byId("email").value.trim();
  await ask("POST", "auth/password/forgot", { email });
  fill("address", email);
  show("sent");
});

onSubmit(byId("choose"), "choose-problem", async () => {
  try {
    await ask("POST", "auth/password/reset", { token, password: byId("password").value });
  } catch (refusal) {
    if (refusal.code !== "link_expired") throw refusal;
    show("over");
    return;
  }
  byId("choose").reset();
  show("done");
});

if (token.startsWith("rotoinvite_")) {
  fill("choose-title", "Welcome: choose a password");
  fill("choose-lead", "You sign in with it and with the address the invitation came to.");
}
show(token ? "choose" : "forgot");
