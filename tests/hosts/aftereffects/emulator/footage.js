// Footage, solids and folders of a project.
"use strict";
const { need } = require("./language");
const { strict, text, truth, within, oneOf, type } = require("./strict");
const { world, change, newId, item, sameProject } = require("./world");
const files = require("./files");

const FootageItem = type("FootageItem");
const FolderItem = type("FolderItem");
const FileSource = type("FileSource");
const SolidSource = type("SolidSource");
const PlaceholderSource = type("PlaceholderSource");
const FIELDS = ["OFF", "UPPER_FIELD_FIRST", "LOWER_FIELD_FIRST"];
const PULLDOWN = ["OFF", "SSWWW", "SWWWS", "SWWWW_24P_ADVANCE", "WSSWW", "WWSSW", "WWWSS", "WWWSW_24P_ADVANCE", "WWSWW_24P_ADVANCE", "WSWWW_24P_ADVANCE"];
const ALPHA = ["IGNORE", "STRAIGHT", "PREMULTIPLIED"];
const SOURCES = { file: FileSource, solid: SolidSource, placeholder: PlaceholderSource };

// What Import makes of a file: a state to keep.
function importState(path, sequence) {
  const found = files.footageAt(path);
  const isStill = !found.movie && !sequence;
  const name = files.base(path);
  return { id: newId(), kind: "footage", source: "file", name, comment: "", folder: null,
    path, isStill, missing: false, width: found.width, height: found.height, pixelAspect: found.pixelAspect,
    frames: isStill ? 1 : found.frames, nativeRate: found.fps, conform: 0, fields: "OFF", pulldown: "OFF",
    loop: 1, hasAlpha: Boolean(found.alpha), alphaMode: "PREMULTIPLIED", dark: Boolean(found.dark), proxy: null, useProxy: false };
}
function solidState(name, width, height, pixelAspect) {
  return { id: newId(), kind: "footage", source: "solid", name, comment: "", folder: null, path: null, isStill: true,
    missing: false, width, height, pixelAspect, frames: 1, nativeRate: 0, conform: 0, fields: "OFF", pulldown: "OFF",
    loop: 1, hasAlpha: false, alphaMode: "IGNORE", proxy: null, useProxy: false };
}

const rate = (state) => state.conform || state.nativeRate;
const duration = (state) => (state.isStill ? 0 : (state.frames * state.loop) / rate(state));

function sourceOf(state, check) {
  const own = {
    get isStill() { return state().isStill; },
    get hasAlpha() { return state().hasAlpha; },
    get alphaMode() { return state().alphaMode; },
    set alphaMode(v) {
      change();
      need(state().hasAlpha, "this footage has no alpha to interpret");
      state().alphaMode = oneOf(ALPHA)(v);
    },
    get displayFrameRate() { return rate(state()); },
    get nativeFrameRate() { return state().nativeRate; },
    get conformFrameRate() { return state().conform; },
    set conformFrameRate(v) { change(); state().conform = within(0, 999)(v); },
    get fieldSeparationType() { return state().fields; },
    set fieldSeparationType(v) { change(); state().fields = oneOf(FIELDS)(v); },
    get removePulldown() { return state().pulldown; },
    set removePulldown(v) { change(); state().pulldown = oneOf(PULLDOWN)(v); },
    get loop() { return state().loop; }, set loop(v) { change(); state().loop = within(1, 9999)(v); },
  };
  if (state().source === "file") {
    Object.defineProperties(own, Object.getOwnPropertyDescriptors({
      get file() { return state().missing ? null : files.file(state().path); },
      get missingFootagePath() { return state().missing ? files.file(state().path).fsName : ""; },
      reload() {
        const found = files.footageAt(state().path);
        Object.assign(state(), { width: found.width, height: found.height });
      },
    }));
  }
  return strict("FootageSource", own, { check, type: SOURCES[state().source] });
}

function footage(id) {
  const alive = sameProject();
  const check = () => { alive(); item(id); };
  const state = () => item(id);
  const members = {
    get id() { return id; },
    get typeName() { return "Footage"; }, // display names are localised: scripts must not go by this one
    get name() { return state().name; }, set name(v) { change(); state().name = text(v); },
    get comment() { return state().comment; }, set comment(v) { change(); state().comment = text(v); },
    get parentFolder() { return folder(state().folder); },
    set parentFolder(v) { change(); state().folder = v.id; },
    get width() { return state().width; },
    get height() { return state().height; },
    get pixelAspect() { return state().pixelAspect; },
    set pixelAspect(v) { change(); state().pixelAspect = within(0.01, 100)(v); },
    get duration() { return duration(state()); },
    get frameRate() { return rate(state()); },
    get frameDuration() { return 1 / rate(state()); },
    get hasVideo() { return true; },
    get hasAudio() { return false; },
    get footageMissing() { return state().missing; },
    get file() { return state().path && !state().missing ? files.file(state().path) : null; },
    get mainSource() { return sourceOf(state, check); },
    get useProxy() { return state().useProxy; }, set useProxy(v) { change(); state().useProxy = truth(v); },
    get proxySource() { return state().proxy ? sourceOf(proxyOf(state), check) : null; },
    setProxyWithSequence(from) { change(); setProxy(state(), from, true); },
    setProxy(from) { change(); setProxy(state(), from, false); },
    replace(from) { change(); replaced(state(), from, false); },
    replaceWithSequence(from) { change(); replaced(state(), from, true); },
    remove() { change(); world.project.items = world.project.items.filter((each) => each.id !== id); },
  };
  return strict("FootageItem", members, { check, type: FootageItem });
}
const proxyOf = (state) => () => ({ ...state(), source: "file", path: state().proxy, missing: false });
function setProxy(state, from, sequence) {
  Object.assign(state, { proxy: importState(files.normal(from.fsName), sequence).path, useProxy: true });
}
function replaced(state, from, sequence) {
  const { id, name, folder: place, comment } = state;
  Object.assign(state, importState(files.normal(from.fsName), sequence), { id, name, folder: place, comment });
}

function folder(id) {
  const alive = sameProject();
  const root = id === null;
  return strict("FolderItem", {
    get id() { return root ? 0 : id; },
    get name() { return root ? "Stamm" : item(id).name; },
    set name(v) { need(!root, "the root cannot be renamed"); change(); item(id).name = text(v); },
    get comment() { return item(id).comment; }, set comment(v) { change(); item(id).comment = text(v); },
    get parentFolder() { return root ? null : folder(item(id).folder); },
    get numItems() { return world.project.items.filter((each) => each.folder === id).length; },
    remove() { change(); world.project.items = world.project.items.filter((each) => each.id !== id); },
  }, { check: alive, type: FolderItem });
}
function folderState(name) { return { id: newId(), kind: "folder", name: text(name), comment: "", folder: null }; }

module.exports = {
  FootageItem, FolderItem, FileSource, SolidSource, PlaceholderSource, FIELDS, PULLDOWN, ALPHA,
  importState, solidState, footage, folder, folderState, duration, rate,
};
