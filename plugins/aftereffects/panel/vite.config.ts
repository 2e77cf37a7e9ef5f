/**
 * The panel as CEP loads it: from a file, in Chromium 88 (After Effects 22) and newer. A page from a
 * file may not load modules, so all is one classic script.
 *
 *     vite build --config panel/vite.config.ts --outDir DIR
 */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

export default defineConfig({
  root: dirname(fileURLToPath(import.meta.url)),
  base: "./",
  plugins: [react(), classicScript()],
  build: {
    target: "chrome88",
    cssTarget: "chrome88",
    cssCodeSplit: false,
    emptyOutDir: true,
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      output: { format: "iife", entryFileNames: "panel.js", assetFileNames: "[name][extname]" },
    },
  },
});

function classicScript(): Plugin {
  return {
    name: "classic-script",
    enforce: "post",
    transformIndexHtml: (html) =>
      html.replace(/<script type="module" crossorigin/g, "<script defer").replace(/ crossorigin/g, ""),
  };
}
