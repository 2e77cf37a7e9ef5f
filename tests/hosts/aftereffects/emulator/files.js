// File, Folder and what a picture's file says of its size. Windows' and UNC paths keep their look.
"use strict";
const fs = require("fs");
const os = require("os");
const { fail, need } = require("./language");
const { strict, text, truth } = require("./strict");
const { world } = require("./world");

// Inside: forward slashes; "C:/x", "//server/share/x" or "/x".
function normal(path) {
  let given = decodeURI(text(path)).replace(/\\/g, "/");
  if (world.os === "Windows") { given = given.replace(/^\/([a-zA-Z])\//, (all, drive) => `${drive.toUpperCase()}:/`); }
  return given.replace(/^~(?=\/|$)/, os.homedir());
}
function native(path) { return world.os === "Windows" ? path.replace(/\//g, "\\") : path; }
const base = (path) => path.slice(path.lastIndexOf("/") + 1);

function exists(path) { return Object.hasOwn(world.footage, path) || fs.existsSync(path); }

function file(path) {
  const own = normal(path);
  return strict("File", {
    get fsName() { return native(own); },
    get absoluteURI() { return encodeURI(own); },
    get name() { return encodeURI(base(own)); },
    get displayName() { return base(own); },
    get exists() { return exists(own) && !isFolder(own); },
    get parent() { return folder(own.slice(0, own.lastIndexOf("/")) || "/"); },
    get length() { return fs.statSync(own).size; },
    remove() {
      if (!fs.existsSync(own)) { return false; }
      fs.rmSync(own);
      return true;
    },
  }, { type: FileType });
}

function folder(path) {
  const own = normal(path).replace(/(?<=.)\/$/, "");
  return strict("Folder", {
    get fsName() { return native(own); },
    get name() { return encodeURI(base(own)); },
    get exists() { return isFolder(own); },
    create() {
      try {
        fs.mkdirSync(own, { recursive: true });
      } catch {
        return false; // as After Effects: no error, just no folder
      }
      return true;
    },
  }, { type: FolderType });
}
function isFolder(path) { return fs.existsSync(path) && fs.statSync(path).isDirectory(); }

// Classes a script makes: `new File(path)`.
const FileType = function File(path) { return file(path); };
const FolderType = function Folder(path) { return folder(path); };
const temporary = () => folder(process.env.TMPDIR || os.tmpdir());
Object.defineProperty(FolderType, "temp", { get: temporary });
Object.defineProperty(FolderType, "userData", { get: temporary });

const ImportOptions = function ImportOptions(from) {
  const state = { file: from || null, sequence: false, forceAlphabetical: false };
  const made = strict("ImportOptions", {
    get file() { return state.file; }, set file(v) { state.file = v; },
    get sequence() { return state.sequence; }, set sequence(v) { state.sequence = truth(v); },
    get forceAlphabetical() { return state.forceAlphabetical; },
    set forceAlphabetical(v) { state.forceAlphabetical = truth(v); },
  }, { type: ImportOptions });
  wishes.set(made, state);
  return made;
};
const wishes = new WeakMap();
function wished(options) { return wishes.get(options) || fail("not ImportOptions"); }

// --- what a file holds

const NUMBERED = /^(.*?)(\d+)(\.[A-Za-z0-9]+)$/;

// {width, height, pixelAspect, frames, fps, movie}; frames counts the numbered files that follow.
function footageAt(path) {
  const told = world.footage[path];
  if (told) { return { pixelAspect: 1, frames: 1, fps: 30, movie: false, ...told }; }
  need(fs.existsSync(path), `${path} does not exist`);
  const size = /\.exr$/i.test(path) ? exrSize(path) : pngSize(path);
  return { pixelAspect: 1, fps: 30, movie: false, frames: following(path), ...size };
}
function following(path) {
  const parts = NUMBERED.exec(path);
  if (!parts) { return 1; }
  const [, head, digits, tail] = parts;
  let count = 1;
  while (fs.existsSync(head + String(Number(digits) + count).padStart(digits.length, "0") + tail)) { count += 1; }
  return count;
}
function pngSize(path) {
  const bytes = fs.readFileSync(path);
  need(bytes.length > 24 && bytes.toString("latin1", 1, 4) === "PNG", `${path} is no picture`);
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}
function exrSize(path) {
  const bytes = fs.readFileSync(path);
  need(bytes.length > 8 && bytes.readUInt32LE(0) === 20000630, `${path} is no OpenEXR file`);
  const found = {};
  for (let at = 8; bytes[at] !== 0;) {
    const nameEnd = bytes.indexOf(0, at);
    const typeEnd = bytes.indexOf(0, nameEnd + 1);
    const size = bytes.readUInt32LE(typeEnd + 1);
    found[bytes.toString("latin1", at, nameEnd)] = typeEnd + 5;
    at = typeEnd + 5 + size;
  }
  const names = channelNames(bytes, found.channels);
  const [alpha, dark] = [names.includes("A"), !names.some((name) => ["R", "G", "B", "Y"].includes(name))];
  const [left, top, right, bottom] = [0, 4, 8, 12].map((n) => bytes.readInt32LE(found.displayWindow + n));
  return { width: right - left + 1, height: bottom - top + 1, alpha, dark, pixelAspect: bytes.readFloatLE(found.pixelAspectRatio) };
}
// The list of an OpenEXR header: names, each with 16 bytes about it.
function channelNames(bytes, from) {
  const names = [];
  for (let at = from; bytes[at] !== 0;) {
    const end = bytes.indexOf(0, at);
    names.push(bytes.toString("latin1", at, end));
    at = end + 17;
  }
  return names;
}
// The file of the nth frame (from 0) of what starts with `path`.
function nthFile(path, n) {
  const parts = NUMBERED.exec(path);
  return parts ? parts[1] + String(Number(parts[2]) + n).padStart(parts[2].length, "0") + parts[3] : path;
}

module.exports = {
  File: FileType, Folder: FolderType, ImportOptions, file, normal, exists, wished, footageAt, nthFile, base,
};
