// The project: its items, its compositions, and what is saved of it.
"use strict";
const fs = require("fs");
const { fail, need } = require("./language");
const { strict, text, number, whole, within, numbers, type } = require("./strict");
const { world, newProject, change, newId, item, sameProject } = require("./world");
const files = require("./files");
const { footage, folder, folderState, importState, solidState, FootageItem, duration } = require("./footage");
const { layer, layerState } = require("./layers");
const { saveFrame } = require("./picture");

const CompItem = type("CompItem");
const Project = type("Project");

function handle(id) {
  const makers = { footage, folder, comp };
  return makers[item(id).kind](id);
}

function compState(name, width, height, pixelAspect, seconds, fps) {
  return { id: newId(), kind: "comp", name: text(name), comment: "", folder: null, width: whole(width), height: whole(height),
    pixelAspect: within(0.01, 100)(pixelAspect), duration: within(1 / 999, 10800)(seconds), fps: fixed(within(1, 999)(fps)),
    time: 0, layers: [], resolution: [1, 1], displayStart: 0 };
}
// A rate as After Effects keeps it: 16 bits behind the point, except the film rates it knows.
function fixed(fps) {
  const film = [24, 30, 60, 48, 120].find((n) => Math.abs(fps - (n * 1000) / 1001) < 0.005);
  return film ? (film * 1000) / 1001 : Math.round(fps * 65536) / 65536;
}

function comp(id) {
  const alive = sameProject();
  const state = () => item(id);
  const check = () => { alive(); item(id); };
  const at = (index) => (state().layers[whole(index) - 1] ? layer(id, state().layers[index - 1].id) : fail(`no layer ${index}`));
  const members = {
    get id() { return id; },
    get name() { return state().name; }, set name(v) { change(); state().name = text(v); },
    get comment() { return state().comment; }, set comment(v) { change(); state().comment = text(v); },
    get parentFolder() { return folder(state().folder); }, set parentFolder(v) { change(); state().folder = v.id; },
    get width() { return state().width; },
    get height() { return state().height; },
    get pixelAspect() { return state().pixelAspect; },
    get duration() { return state().duration; },
    get frameRate() { return state().fps; }, set frameRate(v) { change(); state().fps = fixed(v); },
    get frameDuration() { return 1 / state().fps; },
    get displayStartTime() { return state().displayStart; },
    set displayStartTime(v) { change(); state().displayStart = number(v); },
    get resolutionFactor() { return state().resolution; },
    set resolutionFactor(v) { state().resolution = numbers(2, 1, 99)(v); },
    get time() { return state().time; },
    set time(v) { state().time = Math.round(within(0, state().duration)(v) * state().fps) / state().fps; },
    get numLayers() { return state().layers.length; },
    get layers() { return collection(id, state, at); },
    get selectedLayers() { return state().layers.filter((each) => each.selected).map((each) => layer(id, each.id)); },
    layer: at,
    openInViewer() { world.project.active = id; return null; },
    saveFrameToPng(time, file) { saveFrame(state(), number(time), file.fsName); },
    remove() { change(); world.project.items = world.project.items.filter((each) => each.id !== id); },
  };
  return strict("CompItem", members, { check, type: CompItem });
}

function collection(id, state, at) {
  const put = (made) => {
    change();
    state().layers.unshift(made);
    return layer(id, made.id);
  };
  return strict("LayerCollection", {
    get length() { return state().layers.length; },
    byName: (name) => state().layers.map((each, i) => (each.name === name ? at(i + 1) : null)).find(Boolean) || null,
    add(source) {
      const from = item(source.id);
      const made = layerState(from.name, from.id, from.width, from.height, state());
      if (from.kind === "footage" && !from.isStill) { made.out = Math.min(state().duration, duration(from)); }
      return put(made);
    },
    addSolid(color, name, width, height, pixelAspect) {
      numbers(3, 0, 1)(color);
      const solid = solidState(text(name), whole(width), whole(height), within(0.01, 100)(pixelAspect));
      world.project.items.push(solid);
      return put(layerState(name, solid.id, width, height, state()));
    },
  });
}

// --- the project

function added(state, maker) {
  change();
  world.project.items.push(state);
  return maker(state.id);
}
const itemCollection = () => strict("ItemCollection", {
  get length() { return world.project.items.length; },
  addComp: (...given) => added(compState(...given), comp),
  addFolder: (name) => added(folderState(name), folder),
});

function project() {
  const alive = sameProject();
  const at = (index) => handle((world.project.items[whole(index) - 1] || fail(`no item ${index}`)).id);
  return strict("Project", {
    get file() { return world.project.file ? files.file(world.project.file) : null; },
    get items() { return itemCollection(); },
    get numItems() { return world.project.items.length; },
    get rootFolder() { return folder(null); },
    get bitsPerChannel() { return 16; },
    get activeItem() {
      const known = world.project.items.some((each) => each.id === world.project.active);
      return known && !world.settings.noComp ? handle(world.project.active) : null;
    },
    item: at,
    itemByID: (id) => (world.project.items.some((each) => each.id === id) ? handle(id) : fail(`no item of id ${id}`)),
    layerByID(id) {
      const holder = world.project.items.find((each) => each.kind === "comp" && each.layers.some((own) => own.id === id));
      return holder ? layer(holder.id, id) : null;
    },
    importFile(options) {
      const wish = files.wished(options);
      need(wish.file && wish.file.exists, "the file does not exist");
      return added(importState(files.normal(wish.file.fsName), wish.sequence), footage);
    },
    save(file) {
      if (file) { world.project.file = files.normal(file.fsName); }
      need(world.project.file, "the project has no file"); // After Effects asks for one: a dialog no script gets past
      fs.writeFileSync(world.project.file, JSON.stringify({ ...world.project, file: null }));
      world.project.dirty = false;
    },
  }, { check: alive, type: Project });
}

function open(file) {
  const path = files.normal(file.fsName);
  const state = JSON.parse(fs.readFileSync(path, "utf8"));
  newProject();
  Object.assign(world.project, state, { file: path, dirty: false });
  return project();
}

module.exports = { handle, project, open, CompItem, Project, FootageItem, compState };
