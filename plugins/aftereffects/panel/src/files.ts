/** Node's files in the panel: CEP gives a page `require`, an ordinary browser does not. */

import type { LocalFiles } from "./desk/context";

type Require = (name: string) => unknown;

interface NodeFs {
  promises: { readFile(path: string): Promise<Uint8Array> };
}

export function localFiles(require: Require): LocalFiles {
  const fs = require("fs") as NodeFs;
  const path = require("path") as { join(...parts: string[]): string };
  const os = require("os") as { homedir(): string };
  return {
    read: async (name) => new Uint8Array(await fs.promises.readFile(name)),
    home: os.homedir(),
    join: (...parts) => path.join(...parts),
  };
}
