// The API's types from the server's OpenAPI document, made anew before each build and check.
// They are not kept in the repository: nothing to forget, nothing to review.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENT = new URL("../openapi.json", import.meta.url);
const TYPES = new URL("src/api/schema.ts", import.meta.url);
const REFERENCE = "#/components/schemas/";

const document = JSON.parse(await readFile(DOCUMENT, "utf8"));
requireWhatIsAlwaysTold(document);
// What a request may leave out is optional.
const options = { defaultNonNullable: false, rootTypes: true, rootTypesNoSchemaPrefix: true };
const nodes = await openapiTS(document, options);
await writeFile(TYPES, `// Made by types.mjs from server/openapi.json.\n${astToString(nodes)}`);

/** An answer has all its fields, also those with a default; only requests leave some out. */
function requireWhatIsAlwaysTold({ paths, components: { schemas } }) {
  const sent = new Set();
  const queue = Object.values(paths)
    .flatMap((path) => Object.values(path))
    .flatMap((operation) => references(operation.requestBody));
  while (queue.length) {
    const name = queue.pop();
    if (sent.has(name)) continue;
    sent.add(name);
    queue.push(...references(schemas[name]));
  }
  for (const [name, schema] of Object.entries(schemas)) {
    if (!sent.has(name) && schema.properties) schema.required = Object.keys(schema.properties);
  }
}

function references(part) {
  return [...JSON.stringify(part ?? null).matchAll(/"\$ref":"([^"]+)"/g)]
    .map(([, reference]) => reference.replace(REFERENCE, ""));
}
