import { ask } from "./server.js";
import { byId, fill, onClick, onSubmit, show, tellRefusal } from "./page.js";

let address = "";

onSubmit(byId("form"), "problem", async () => {
  address = byId("email").value.trim();
  const name = byId("name").value.trim();
  await ask("POST", "auth/register", { email: address, name, password: byId("password").value });
  byId("form").reset();
  fill("address", address);
  show("sent");
});

onClick(byId("resend"), "problem", async () => {
  fill("resent", "");
  await ask("POST", "auth/resend", { email: address });
  fill("resent", "Sent again.");
});

try {
  const { registration } = await ask("GET", "auth/providers");
  byId("domains").hidden = registration !== "domains";
  show(registration === "closed" ? "closed" : "form");
} catch (refusal) {
  tellRefusal("problem", refusal);
}
