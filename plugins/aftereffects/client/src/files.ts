/**
 * This machine's disk, as far as plates are sent and results fetched. A page in a plain browser has
 * none; a CEP panel has Node's (`nodeFiles`).
 */

import { checkGoing } from "./retry";

export interface FileFacts {
  size: number;
  /** Milliseconds since the epoch. */
  modified: number;
  isFolder: boolean;
}

export interface Files {
  readonly separator: "/" | "\\";
  /** null when nothing is there. */
  facts(path: string): Promise<FileFacts | null>;
  /** Names in a folder; none when it is not there. */
  list(folder: string): Promise<string[]>;
  /** At most `length` bytes from `offset` on. */
  read(path: string, offset: number, length: number): Promise<Uint8Array>;
  /** 64 hex digits. */
  sha256(path: string, signal?: AbortSignal): Promise<string>;
  /** Make or replace a file, its folders with it. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** The path with its links followed; itself when it is not there. */
  real(path: string): Promise<string>;
}

/** As much of a disk as sending takes: a page in a browser has that of what was dropped on it. */
export type ReadableFiles = Pick<Files, "facts" | "read" | "sha256">;

/** Parts of a path joined, whatever slashes they end with. */
export function joined(files: Files, folder: string, ...names: string[]): string {
  return [folder.replace(/[/\\]+$/, ""), ...names].join(files.separator);
}

/** `require` of Node: in a CEP panel `window.cep_node.require`, else the script's own. */
export type NodeRequire = (name: string) => unknown;

/** Files through Node 15 or later, as After Effects' panels have it. */
export function nodeFiles(require: NodeRequire): Files {
  const fs = (require("fs") as typeof import("node:fs")).promises;
  const path = require("path") as typeof import("node:path");
  const crypto = optional<typeof import("node:crypto")>(require, "crypto");

  async function read(file: string, offset: number, length: number): Promise<Uint8Array> {
    const handle = await fs.open(file, "r");
    try {
      const bytes = new Uint8Array(length);
      let have = 0;
      while (have < length) {
        const { bytesRead } = await handle.read(bytes, have, length - have, offset + have);
        if (bytesRead === 0) {
          break;
        }
        have += bytesRead;
      }
      return bytes.subarray(0, have);
    } finally {
      await handle.close();
    }
  }

  return {
    separator: path.sep as "/" | "\\",
    read,
    async facts(file) {
      const found = await orNull(fs.stat(file));
      return found && { size: found.size, modified: found.mtimeMs, isFolder: found.isDirectory() };
    },
    async list(folder) {
      return (await orNull(fs.readdir(folder))) ?? [];
    },
    async sha256(file, signal) {
      if (!crypto) {
        const whole = new Uint8Array(await fs.readFile(file));
        return hex(new Uint8Array(await globalThis.crypto.subtle.digest("SHA-256", whole)));
      }
      const digest = crypto.createHash("sha256");
      for (let offset = 0; ;) {
        checkGoing(signal);
        const piece = await read(file, offset, 1 << 22);
        if (piece.length === 0) {
          return digest.digest("hex");
        }
        digest.update(piece);
        offset += piece.length;
      }
    },
    async write(file, bytes) {
      await fs.mkdir(path.dirname(file), { recursive: true });
      await fs.writeFile(file, bytes);
    },
    rename: (from, to) => fs.rename(from, to),
    remove: (file) => fs.unlink(file),
    async real(file) {
      return (await orNull(fs.realpath(file))) ?? file;
    },
  };
}

/** A module of Node that a host may have left out. */
function optional<T>(require: NodeRequire, name: string): T | null {
  try {
    return require(name) as T;
  } catch {
    return null;
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** null for what is not there; every other refusal of the disk is thrown on. */
async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "ENOENT" || code === "ENOTDIR") {
      return null;
    }
    throw error;
  }
}
