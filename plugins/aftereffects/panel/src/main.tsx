/** Puts the panel on CEP's page, and After Effects behind it. */

import { createRoot } from "react-dom/client";

import { nodeFiles } from "../../client/src/files";
import { Keys } from "../../client/src/keys";
import { storageNotes } from "../../client/src/notes";
import { claimKeys, hostBackground, machineName, nodeRequire, openPage } from "./bridge/cep";
import { CepHost } from "./bridge/host";
import { Desk } from "./desk/desk";
import { ClientFarm } from "./desk/farm";
import { Memory } from "./desk/memory";
import { localFiles } from "./files";
import { Panel } from "./ui/Panel";

const THEME_CHANGED = "com.adobe.csxs.events.ThemeColorChanged";

function start(): void {
  const page = document.getElementById("panel")!;
  const adobe = window.__adobe_cep__;
  if (!adobe) {
    page.textContent = "This page is a panel of After Effects: open it there, Window > Extensions.";
    return;
  }
  const require = nodeRequire();
  const files = require && nodeFiles(require);
  const keys = new Keys();
  const desk = new Desk({
    host: new CepHost(adobe),
    farm: new ClientFarm(files, storageNotes(localStorage), keys),
    memory: new Memory(localStorage),
    keys,
    files: files && localFiles(files, require),
    browser: { open: openPage, name: `After Effects${machineName(require)}` },
  });
  const dress = (): void => {
    const color = hostBackground(adobe);
    if (color) document.documentElement.style.setProperty("--window", color);
  };
  dress();
  adobe.addEventListener?.(THEME_CHANGED, dress);
  claimKeys(adobe, navigator.platform);
  window.addEventListener("beforeunload", () => desk.close());
  createRoot(page).render(<Panel desk={desk} />);
  void desk.server.resume();
}

start();
