// One page at a time, of all that are open in this browser: a refresh token works once, and two pages
// that used the same one would end the sign-in.
//
// The browser's own locks are for https only, and end with their page: a page that is reloaded while
// its answer is on the way must still be waited for. So a note is kept in a database that all pages
// share and whose transactions follow one another; whoever holds it renews it, and one that is not
// renewed is of a page that is gone.

const RENEWED = 700;
const GONE = 2500;
const STORE = "turns";
const NAME = "refresh";

/** Run `work` when no other page does. */
export async function alone(work) {
  const database = await open();
  const mine = crypto.getRandomValues(new Uint32Array(4)).join("-");
  while (!(await take(database, mine))) await pause(30);
  const renewing = setInterval(() => take(database, mine), RENEWED);
  try {
    return await work();
  } finally {
    clearInterval(renewing);
    await change(database, (held) => (held?.mine === mine ? null : held));
    database.close();
  }
}

/** Take or renew the note; whether it is `mine`. */
async function take(database, mine) {
  const held = await change(database, (note) => {
    const isFree = !note || note.mine === mine || Date.now() - note.at > GONE;
    return isFree ? { mine, at: Date.now() } : note;
  });
  return held.mine === mine;
}

/** Replace the note (null: take it away) by what `made` makes of it, in one transaction. */
function change(database, made) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(STORE, "readwrite");
    const store = transaction.objectStore(STORE);
    const asked = store.get(NAME);
    let note = null;
    asked.onsuccess = () => {
      note = made(asked.result ?? null);
      if (note) store.put(note, NAME);
      else store.delete(NAME);
    };
    transaction.oncomplete = () => resolve(note);
    transaction.onabort = () => reject(transaction.error);
  });
}

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("roto", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
