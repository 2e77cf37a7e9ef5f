/** The panel's page: one classic script and one style sheet, for CEP's Chromium 88 and 99. */

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Pages that are files load no modules: Chromium asks a file's origin, and it has none. */
function classicScript(): Plugin {
  return {
    name: "classic-script",
    transformIndexHtml: {
      order: "post",
      handler: (html) =>
        html
          .replace(/<script type="module" crossorigin/g, "<script defer")
          .replace(/ crossorigin/g, ""),
    },
  };
}

export default defineConfig({
  plugins: [react(), classicScript()],
  build: {
    target: "chrome88",
    cssTarget: "chrome88",
    cssCodeSplit: false,
    modulePreload: false,
    sourcemap: false,
    assetsInlineLimit: 16384,
    rollupOptions: {
      output: {
        format: "iife",
        entryFileNames: "panel.js",
        assetFileNames: "panel[extname]",
      },
    },
  },
  test: {
    include: ["panel/tests/**/*.test.{ts,tsx}", "client/tests/**/*.test.ts"],
    environment: "node",
    // A busy machine takes long: what hangs is still noticed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
