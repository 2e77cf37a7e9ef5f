import { ask } from "./server.js";
import { byId, fill, onSubmit, show, tokenOfLink } from "./page.js";

const token = tokenOfLink();

// A click, for programs that look at mails open the links in them.
onSubmit(byId("form"), "problem", async () => {
  try {
    await ask("POST", "auth/confirm", { token });
  } catch (refusal) {
    if (refusal.code !== "link_expired") throw refusal;
    show("over");
    return;
  }
  show("done");
});

onSubmit(byId("again"), "again-problem", async () => {
  await ask("POST", "auth/resend", { email: byId("email").value.trim() });
  byId("again").hidden = true;
  fill("resent", "If the address waits to be confirmed, a new link is on its way.");
});

show(token ? "ask" : "over");
