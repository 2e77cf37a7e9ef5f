// What CEP puts into a panel's page: the bridge to After Effects, and Node's modules.
//
// Runs before the page's own scripts. `aeEval` and `aeNode` are functions of the test (see
// helpers_cep.py): they take and give JSON, so bytes travel as base64.
(() => {
  "use strict";
  const listeners = new Map();
  window.__adobe_cep__ = {
    evalScript(script, callback) {
      window.aeEval(script).then((result) => callback && callback(result));
    },
    getSystemPath: (kind) => window.aePaths[kind] || "",
    getExtensionId: () => "com.megatonroto.panel",
    getHostEnvironment: () =>
      JSON.stringify({
        appName: "AEFT",
        appVersion: "24.6.0",
        appLocale: "de_DE",
        isAppOnline: true,
        appSkinInfo: { panelBackgroundColor: { color: { red: 35, green: 35, blue: 35 } } },
      }),
    getCurrentApiVersion: () => JSON.stringify({ major: 11, minor: 1, micro: 0 }),
    addEventListener(type, listener) {
      listeners.set(type, [...(listeners.get(type) || []), listener]);
    },
    removeEventListener(type, listener) {
      listeners.set(
        type,
        (listeners.get(type) || []).filter((one) => one !== listener),
      );
    },
    dispatchEvent(event) {
      (listeners.get(event.type) || []).forEach((listener) => listener(event));
    },
    closeExtension() {},
    registerKeyEventsInterest() {},
  };

  window.cepOpened = [];
  window.cep = {
    util: {
      openURLInDefaultBrowser(url) {
        window.cepOpened.push(url);
        return { err: 0 };
      },
    },
  };

  const toBase64 = (bytes) => {
    let text = "";
    for (let i = 0; i < bytes.length; i += 0x8000) {
      text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
    }
    return btoa(text);
  };
  const toBytes = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  const call = async (name, ...facts) => {
    const answer = JSON.parse(await window.aeNode(name, JSON.stringify(facts)));
    if (answer.error) {
      throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
    }
    return answer.value;
  };
  const stats = (told) => ({
    ...told,
    mtime: new Date(told.mtimeMs),
    isFile: () => told.file,
    isDirectory: () => told.directory,
  });
  const promises = {
    stat: async (path) => stats(await call("stat", path)),
    access: (path) => call("stat", path).then(() => undefined),
    readdir: (path) => call("readdir", path),
    mkdir: (path, options = {}) => call("mkdir", path, Boolean(options.recursive)),
    rename: (from, to) => call("rename", from, to),
    unlink: (path) => call("unlink", path),
    realpath: (path) => call("realpath", path),
    async readFile(path, options) {
      const bytes = toBytes(await call("read", path, 0, -1));
      const encoding = typeof options === "string" ? options : options && options.encoding;
      return encoding ? new TextDecoder(encoding).decode(bytes) : bytes;
    },
    async writeFile(path, data) {
      const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
      await call("write", path, toBase64(bytes), false);
    },
    async open(path, flags = "r") {
      if (flags === "r") {
        await call("stat", path);
      } else {
        await call("write", path, "", flags.startsWith("a"));
      }
      return {
        stat: () => promises.stat(path),
        async read(buffer, offset, length, position) {
          const bytes = toBytes(await call("read", path, position, length));
          buffer.set(bytes, offset);
          return { bytesRead: bytes.length, buffer };
        },
        async write(data) {
          await call("write", path, toBase64(data), true);
          return { bytesWritten: data.length, buffer: data };
        },
        close: async () => undefined,
      };
    },
  };
  const path = {
    sep: "/",
    join: (...parts) => parts.join("/").replace(/\/+/g, "/"),
    basename: (full) => full.split("/").pop(),
    dirname: (full) => full.slice(0, full.lastIndexOf("/")) || "/",
  };
  const os = {
    homedir: () => window.aePaths.home,
    tmpdir: () => window.aePaths.temp,
    platform: () => "darwin",
  };
  const modules = { fs: { promises }, "fs/promises": promises, path, os };
  const require = (name) => {
    const found = modules[name.replace(/^node:/, "")];
    if (!found) {
      throw new Error(`Cannot find module '${name}'`);
    }
    return found;
  };
  window.cep_node = { require, process: { platform: "darwin", env: {} } };
  window.require = require;
})();
