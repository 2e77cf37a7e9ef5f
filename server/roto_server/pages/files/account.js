import { call, signOut, whoIsSignedIn } from "./server.js";
import { away, byId, fill, go, goSignIn, onClick, onSubmit, show } from "./page.js";

const HERE = "/account";

/** A row of a list: a title with tags, a line of facts, and perhaps a button. */
function row(title, tags, facts, button) {
  const item = document.createElement("li");
  const text = document.createElement("div");
  const name = document.createElement("strong");
  name.textContent = title;
  text.append(name);
  for (const tag of tags) {
    const mark = document.createElement("span");
    mark.className = "tag";
    mark.textContent = tag;
    text.append(mark);
  }
  const line = document.createElement("p");
  line.className = "hint";
  line.textContent = facts.filter(Boolean).join(" · ");
  text.append(line);
  item.append(text);
  if (button) item.append(button);
  return item;
}

function button(label, spoken, work) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.setAttribute("aria-label", spoken);
  onClick(made, "problem", work);
  return made;
}

function keyRow(key) {
  const expired = key.expires_at && new Date(key.expires_at) < new Date();
  const ends = expired ? `expired ${away(key.expires_at)}` : `expires ${away(key.expires_at)}`;
  const facts = [
    `${key.prefix}…`,
    key.scopes.join(", "),
    key.last_used_at ? `used ${away(key.last_used_at)}` : "never used",
    key.expires_at ? ends : "never expires",
  ];
  const tags = key.source === "device" ? ["let in with a code"] : [];
  const revoke = button("Revoke", `Revoke the key ${key.name}`, async () => {
    await call("DELETE", `api-keys/${key.id}`);
    await listKeys();
  });
  return row(key.name, tags, facts, revoke);
}

async function listKeys() {
  const keys = await everything("api-keys");
  byId("keys").replaceChildren(...keys.map(keyRow));
  byId("no-keys").hidden = keys.length > 0;
}

function sessionRow(session) {
  const facts = [session.address, `since ${away(session.created_at)}`, `used ${away(session.last_used_at)}`];
  const name = session.client || "A program";
  if (session.current) return row(name, ["this browser"], facts);
  const end = button("Sign out", `Sign out ${name}`, async () => {
    await call("DELETE", `auth/sessions/${session.id}`);
    await listSessions();
  });
  return row(name, [], facts, end);
}

async function listSessions() {
  const sessions = await everything("auth/sessions");
  byId("sessions").replaceChildren(...sessions.map(sessionRow));
}

/** All parts of a list, one after the other. */
async function everything(path) {
  const items = [];
  let cursor = "";
  do {
    const part = await call("GET", cursor ? `${path}?cursor=${encodeURIComponent(cursor)}` : path);
    items.push(...part.items);
    cursor = part.next;
  } while (cursor);
  return items;
}

onSubmit(byId("make"), "make-problem", async () => {
  const scopes = [...document.querySelectorAll("[name=scope]:checked")].map((box) => box.value);
  const days = byId("key-days").value;
  const made = await call("POST", "api-keys", {
    name: byId("key-name").value.trim(),
    scopes,
    expires_in_days: days ? Number(days) : null,
  });
  byId("make").reset();
  byId("make-box").open = false;
  byId("fresh-key").value = made.key;
  byId("fresh").hidden = false;
  fill("copy", "Copy");
  byId("fresh-key").select();
  await listKeys();
});

onClick(byId("copy"), "problem", async () => {
  byId("fresh-key").select();
  // Browsers give the clipboard to pages on https only; the key is selected, so Ctrl+C does it.
  if (!navigator.clipboard) return;
  await navigator.clipboard.writeText(byId("fresh-key").value);
  fill("copy", "Copied");
});

onSubmit(byId("change"), "change-problem", async () => {
  await call("POST", "auth/password/change", { old: byId("old").value, new: byId("new").value });
  byId("change").reset();
  byId("change").closest("details").open = false;
  fill("changed", "Your password is changed.");
  await listSessions();
});

onClick(byId("sign-out"), "problem", async () => {
  await signOut();
  go("/sign-in");
});

onClick(byId("everywhere"), "problem", async () => {
  await signOut(true);
  go("/sign-in");
});

async function open() {
  const person = await whoIsSignedIn();
  if (!person) {
    goSignIn(HERE);
    return;
  }
  fill("person-name", person.name);
  fill("person-facts", `${person.email} · ${person.role}`);
  byId("change-user").value = person.email;
  await Promise.all([listKeys(), listSessions()]);
  show("account");
}

try {
  await open();
} catch (refusal) {
  fill("loading", `${refusal.message} ${refusal.hint}`);
}
