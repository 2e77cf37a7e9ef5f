// In every page before its own scripts: what a press brings about, in `pressing.done`.

const pressing = { done: [] };
window.pressing = pressing;

const did = (what) => pressing.done.push(what);
const nothing = () => undefined;
const never = () => Promise.reject(new DOMException("Nobody chooses anything here.", "AbortError"));

/** `instead` of what would leave the page or wait for somebody. */
function tell(owner, name, what, instead) {
  const was = owner?.[name];
  if (!was) return;
  owner[name] = function (...given) {
    did(what);
    return instead ? instead() : was.apply(this, given);
  };
}

tell(window, "fetch", "request");
tell(XMLHttpRequest.prototype, "send", "request");
tell(HTMLAnchorElement.prototype, "click", "download");
tell(HTMLInputElement.prototype, "click", "files", nothing);
tell(window, "showOpenFilePicker", "files", never);
tell(window, "showDirectoryPicker", "files", never);
tell(window, "open", "window", () => null);
tell(window.Clipboard?.prototype, "writeText", "clipboard", () => Promise.resolve());
tell(history, "pushState", "address");
tell(history, "replaceState", "address");
addEventListener("fullscreenchange", () => did("full screen"));
new MutationObserver(() => did("page")).observe(document, {
  subtree: true, childList: true, attributes: true, characterData: true,
});

const frame = () => new Promise(requestAnimationFrame);

/** The enabled buttons below `within`, by name and number. Of several of which one is chosen that one does nothing. */
pressing.buttons = (within) => {
  const counts = {};
  const all = [...document.querySelectorAll(`${within} :is(button, summary, [role=button])`)];
  const pressed = all.filter((it) => it.checkVisibility() && !it.matches(
    ":disabled, [aria-disabled=true], [aria-pressed=true], [aria-selected=true]"));
  return pressed.map((it) => {
    const name = (it.ariaLabel || it.innerText || it.title).trim();
    counts[name] = (counts[name] ?? 0) + 1;
    return { it, name, key: `${name} ${counts[name]}` };
  });
};

/** Give the focus to a button, when the page has come to rest; false where either is not to be had. */
pressing.aim = async (within, key) => {
  for (let quiet = 0, frames = 0; quiet < 3; quiet++) {
    if (frames++ > 60) return false;
    pressing.done.length = 0;
    await frame();
    if (pressing.done.length) quiet = -1;
  }
  const found = pressing.buttons(within).find((one) => one.key === key);
  found?.it.focus();
  for (let frames = 0; frames < 2; frames++) await frame();
  pressing.done.length = 0;
  return found !== undefined && document.activeElement === found.it;
};

/** What has come of a press; nothing within so many frames: it is dead. Frames, for a machine may be slow. */
pressing.came = async () => {
  for (let frames = 0; !pressing.done.length && frames < 30; frames++) await frame();
  if (document.fullscreenElement) await document.exitFullscreen();
  return [...new Set(pressing.done)];
};
