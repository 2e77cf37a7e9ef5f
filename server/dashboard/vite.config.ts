/** The dashboard's page, built into the server's package: `make dashboard`. */

import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

/** The client the After Effects panel has: uploads are sent the same way from here. */
const CLIENT = fileURLToPath(new URL("../../plugins/aftereffects/client/src", import.meta.url));
const SERVER = process.env.ROTO_SERVER_URL ?? "http://127.0.0.1:8710";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "roto-client": CLIENT } },
  build: {
    outDir: "../roto_server/dashboard/built",
    emptyOutDir: true,
    assetsDir: "assets",
    // Everything is a file of its own: the policy allows no data: script or style.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: "es2022",
  },
  // npm run dev: the page from here, all else from a server that runs.
  server: {
    fs: { allow: [".", CLIENT] },
    proxy: { "/api": { target: SERVER, ws: true }, "/pages": SERVER },
  },
  test: {
    include: ["tests/**/*.test.{ts,tsx}"],
    environment: "jsdom",
    restoreMocks: true,
    setupFiles: ["tests/setup.ts"],
    // A busy machine takes long: what hangs is still noticed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
