/**
 * Builds the panel: `node build.mjs --out DIR [--version 1.2.3] [--debug]`.
 *
 * DIR becomes the extension's folder: CSXS/manifest.xml, host/host.jsx, panel/. The same sources
 * give the same bytes wherever they lie. Ends with 1 and a line that says why when a type, the
 * syntax of the host's engine or a package that may not be bundled is wrong.
 */

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { parse } from "acorn";
import { rollup } from "rollup";
import ts from "typescript";
import { build } from "vite";

import { es3Faults } from "./gate.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
/** Chromium 88 in After Effects 22 to 24, 99 from 25 on. */
const PANEL_SYNTAX = 2021;

async function main() {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      version: { type: "string", default: "0.0.0" },
      debug: { type: "boolean", default: false },
    },
  });
  if (!values.out) {
    throw new Error("where to? node build.mjs --out DIR [--version 1.2.3] [--debug]");
  }
  if (!/^\d+\.\d+\.\d+$/.test(values.version)) {
    throw new Error(`a version has three numbers, as 1.2.3: ${values.version}`);
  }
  const out = resolve(values.out);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, "CSXS"), { recursive: true });
  await buildHost(join(out, "host", "host.jsx"));
  await buildPanel(join(out, "panel"));
  writeManifest(join(out, "CSXS", "manifest.xml"), values.version);
  if (values.debug) {
    cpSync(join(HERE, ".debug"), join(out, ".debug"));
  }
}

/** One script of ES3 around one global, MegatonRoto: After Effects has no modules. */
async function buildHost(target) {
  const tsc = join(HERE, "node_modules", "typescript", "bin", "tsc");
  run(process.execPath, [tsc, "-p", join(HERE, "host", "tsconfig.json"), "--pretty", "false"]);
  const bundle = await rollup({ input: join(HERE, "host", "main.ts"), plugins: [plainScript()] });
  const { output } = await bundle.generate({
    format: "iife",
    name: "MegatonRoto",
    strict: false,
    esModule: false,
    freeze: false,
    externalLiveBindings: false,
    generatedCode: { preset: "es5", symbols: false },
  });
  await bundle.close();
  const faults = es3Faults(output[0].code);
  if (faults.length > 0) {
    throw new Error(`host.jsx is not what ExtendScript reads:\n${faults.join("\n")}`);
  }
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, output[0].code);
}

/** TypeScript to ES5, file by file; never minified: ExtendScript is no browser's engine. */
function plainScript() {
  return {
    name: "plain-script",
    resolveId: (source, importer) =>
      source.startsWith(".") && importer ? `${resolve(dirname(importer), source)}.ts` : null,
    transform: (code) =>
      ts.transpileModule(code, {
        compilerOptions: { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.ESNext },
      }).outputText,
  };
}

async function buildPanel(target) {
  await build({
    root: join(HERE, "panel"),
    configFile: join(HERE, "vite.config.ts"),
    logLevel: "error",
    base: "./",
    build: { outDir: target, emptyOutDir: true },
    plugins: [onlyDeclaredPackages()],
  });
  parse(readFileSync(join(target, "panel.js"), "utf8"), { ecmaVersion: PANEL_SYNTAX });
}

/** Fails when lines of a package come along whose licence nobody would add. */
function onlyDeclaredPackages() {
  const lock = JSON.parse(readFileSync(join(HERE, "package-lock.json"), "utf8")).packages;
  return {
    name: "only-declared-packages",
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle)) {
        for (const id of Object.keys(chunk.modules ?? {})) {
          const [, name] =
            /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules\/)/.exec(id) ?? [];
          const entry = name && lock[`node_modules/${name}`];
          if (name && (!entry || entry.dev)) {
            this.error(
              `${name} is in the panel but not in "dependencies": its licence would be missing`,
            );
          }
        }
      }
    },
  };
}

function writeManifest(target, version) {
  const text = readFileSync(join(HERE, "CSXS", "manifest.xml"), "utf8");
  const filled = text.replaceAll('="0.0.0"', `="${version}"`);
  if (version !== "0.0.0" && filled === text) {
    throw new Error('CSXS/manifest.xml has no "0.0.0" for the version');
  }
  writeFileSync(target, filled);
}

function run(command, args) {
  try {
    execFileSync(command, args, { cwd: HERE, stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  } catch (error) {
    throw new Error(`${error.stdout ?? ""}${error.stderr ?? ""}`.trim() || String(error));
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
