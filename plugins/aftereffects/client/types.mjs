// The client's types from the server's OpenAPI document.
// node client/types.mjs [--check]: writes client/src/schema.ts, or fails if it is not current.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../../../server/openapi.json", import.meta.url);
const TYPES = new URL("src/schema.ts", import.meta.url);

const document = JSON.parse(await readFile(DOCUMENT, "utf8"));
// Only the bodies: the calls are written by hand in client.ts, and the rest is five thousand lines.
// A server's defaults are what a client may leave out.
const nodes = await openapiTS(
  { ...document, paths: {} },
  { defaultNonNullable: false, rootTypes: true, rootTypesNoSchemaPrefix: true },
);
const text =
  "// Made by `npm run types` from server/openapi.json: do not edit.\n/* eslint-disable */\n" +
  astToString(nodes).replace(/^(?: {4})+/gm, (indent) => " ".repeat(indent.length / 2));

if (process.argv.includes("--check")) {
  if ((await readFile(TYPES, "utf8")) !== text) {
    console.error("client/src/schema.ts is not made from server/openapi.json: npm run types");
    process.exit(1);
  }
} else {
  await writeFile(TYPES, text);
}
