/** The disk as the panel itself uses it: the client's files, and a place for results. */

import { type Files, joined, type NodeRequire } from "../../client/src/files";
import type { LocalFiles } from "./desk/context";

export function localFiles(files: Files, require: NodeRequire): LocalFiles {
  const os = require("os") as { homedir(): string };
  return {
    async read(path) {
      const facts = await files.facts(path);
      if (!facts) throw new Error(`${path} is not there`);
      return files.read(path, 0, facts.size);
    },
    home: os.homedir(),
    join: (first, ...rest) => joined(files, first, ...rest),
  };
}
