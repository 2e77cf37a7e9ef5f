// Layers of a composition.
"use strict";
const { fail, need } = require("./language");
const { strict, text, truth, number, numbers, within, oneOf, type } = require("./strict");
const { world, change, newId, item, sameProject } = require("./world");
const { maskParade, PropertyGroup } = require("./masks");
const { effectParade } = require("./effects");
const { property } = require("./property");
const items = () => require("./items");

const AVLayer = type("AVLayer");
const CameraLayer = type("CameraLayer");
const MATTES = ["NO_TRACK_MATTE", "ALPHA", "ALPHA_INVERTED", "LUMA", "LUMA_INVERTED"];
const BLENDING = ["NO_FRAME_BLEND", "FRAME_MIX", "PIXEL_MOTION"];
const TRANSFORM = {
  "ADBE Anchor Point": ["Ankerpunkt", numbers(2)], "ADBE Position": ["Position", numbers(2)],
  "ADBE Scale": ["Skalierung", numbers(2)], "ADBE Rotate Z": ["Drehung", number],
  "ADBE Opacity": ["Deckkraft", within(0, 100)],
};

function layerState(name, source, width, height, comp) {
  const middle = (w, h) => [w / 2, h / 2];
  const values = [middle(width, height), middle(comp.width, comp.height), [100, 100], 0, 100];
  return { id: newId(), name, comment: "", source, kind: "av", width, height, start: 0, in: 0, out: comp.duration, stretch: 100,
    timeRemap: false, blending: "NO_FRAME_BLEND", locked: false, enabled: true, selected: false, threeD: false,
    parent: null, matte: null, matteType: "NO_TRACK_MATTE",
    transform: Object.fromEntries(Object.keys(TRANSFORM).map((id, i) => [id, { value: values[i], keys: [] }])),
    masks: { generation: 0, list: [] }, effects: { generation: 0, list: [] } };
}

// Layer pixels to the composition's: [a, b, c, d, e, f], x' = a x + c y + e.
function matrixOf(comp, state) {
  const at = (id) => state.transform[id].value;
  const [ax, ay] = at("ADBE Anchor Point");
  const [px, py] = at("ADBE Position");
  const [sx, sy] = at("ADBE Scale").map((v) => v / 100);
  const turn = (at("ADBE Rotate Z") * Math.PI) / 180;
  const [a, b, c, d] = [sx * Math.cos(turn), sx * Math.sin(turn), -sy * Math.sin(turn), sy * Math.cos(turn)];
  const own = [a, b, c, d, px - a * ax - c * ay, py - b * ax - d * ay];
  const parent = state.parent && comp.layers.find((each) => each.id === state.parent);
  return parent ? times(matrixOf(comp, parent), own) : own;
}
function times([a, b, c, d, e, f], [g, h, i, j, k, l]) {
  return [a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * l + e, b * k + d * l + f];
}
function mapped([a, b, c, d, e, f], [x, y]) { return [a * x + c * y + e, b * x + d * y + f]; }
function inverse([a, b, c, d, e, f]) {
  const det = a * d - b * c;
  return [d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det];
}

function layer(compId, id) {
  const alive = sameProject();
  const comp = () => item(compId);
  const find = () => comp().layers.find((each) => each.id === id);
  const state = () => find() || fail("Object is invalid");
  const check = () => { alive(); state(); };
  const clock = { start: () => state().start, frame: () => 1 / comp().fps, now: () => comp().time };
  const set = (key, kind) => (value) => { change(state()); state()[key] = kind(value); };
  const source = () => (state().source === null ? null : items().handle(state().source));
  const other = (given) => comp().layers.find((each) => given && each.id === given.id) || fail("not a layer of this composition");
  function placed(offset, given) {
    change(state());
    const own = state();
    const list = comp().layers;
    list.splice(list.indexOf(own), 1);
    list.splice(given ? list.indexOf(other(given)) + offset : 0, 0, own);
  }
  function group(name) {
    if (name === "ADBE Mask Parade") { return world.settings.noMasks ? null : maskParade(state, clock, check); }
    if (name === "ADBE Effect Parade") { return effectParade(state, clock, check); }
    return name === "ADBE Transform Group" ? transform(state, clock, check) : null; // "Masks", "Effects": no such group here
  }
  const members = {
    get id() { return id; },
    get matchName() { return "ADBE AV Layer"; },
    get index() { return 1 + comp().layers.findIndex((each) => each.id === id); },
    get containingComp() { return items().handle(compId); },
    get source() { return source(); },
    get width() { return source() ? source().width : state().width; },
    get height() { return source() ? source().height : state().height; },
    get hasVideo() { return true; },
    get nullLayer() { return false; },
    get adjustmentLayer() { return false; },
    get locked() { return state().locked; }, set locked(v) { change(); state().locked = truth(v); },
    get selected() { return state().selected; }, set selected(v) { state().selected = truth(v); },
    get parent() { return state().parent === null ? null : layer(compId, state().parent); },
    set parent(v) { change(state()); state().parent = v === null ? null : other(v).id; },
    get frameBlending() { return state().blending !== "NO_FRAME_BLEND"; },
    get frameBlendingType() { return state().blending; },
    set frameBlendingType(v) { set("blending", oneOf(BLENDING))(v); },
    get isTrackMatte() { return comp().layers.some((each) => each.matte === id); },
    get hasTrackMatte() { return state().matteType !== "NO_TRACK_MATTE"; },
    get trackMatteType() { return state().matteType; },
    set trackMatteType(v) { setMatte(comp(), state(), null, v); },
    property: group,
    moveBefore: (given) => placed(0, given),
    moveAfter: (given) => placed(1, given),
    moveToBeginning: () => placed(0, null),
    replaceSource(given, fix) { truth(fix); change(state()); state().source = item(given.id).id; },
    sourcePointToComp: (point) => mapped(matrixOf(comp(), state()), numbers(2)(point)),
    compPointToSource: (point) => mapped(inverse(matrixOf(comp(), state())), numbers(2)(point)),
    remove() { change(state()); comp().layers = comp().layers.filter((each) => each.id !== id); },
  };
  const plain = { name: text, comment: text, enabled: truth, stretch: number };
  for (const [key, kind] of Object.entries(plain)) {
    Object.defineProperty(members, key, { get: () => state()[key], set: set(key, kind) });
  }
  const renamed = { timeRemapEnabled: ["timeRemap", truth], startTime: ["start", startOf(state)], inPoint: ["in", number], outPoint: ["out", number], threeDLayer: ["threeD", truth] };
  for (const [key, [own, kind]] of Object.entries(renamed)) {
    Object.defineProperty(members, key, { get: () => state()[own], set: set(own, kind) });
  }
  if (parseFloat(world.version) >= 23) {
    members.setTrackMatte = (given, kind) => setMatte(comp(), state(), given && other(given), kind);
    Object.defineProperty(members, "trackMatteLayer", {
      get: () => (state().matte === null ? null : layer(compId, state().matte)),
    });
  }
  return strict("AVLayer", members, { check, type: AVLayer });
}

// Moving a layer's start moves its ends with it.
function startOf(state) {
  return (value) => {
    const by = number(value) - state().start;
    state().in += by;
    state().out += by;
    return value;
  };
}

function setMatte(comp, state, matte, kind) {
  change(state);
  oneOf(MATTES)(kind);
  const above = comp.layers[comp.layers.indexOf(state) - 1];
  const none = kind === "NO_TRACK_MATTE";
  const used = none ? null : matte || above || fail("no layer above");
  const source = used && world.project.items.find((each) => each.id === used.source);
  const black = source && source.dark && kind.startsWith("LUMA");
  need(!black, "the luma of a file of alpha alone is black: nothing would show");
  Object.assign(state, { matteType: kind, matte: used && used.id });
}

function transform(state, clock, check) {
  return strict("Transform Group", {
    get matchName() { return "ADBE Transform Group"; },
    get name() { return "Transformieren"; },
    property(id) {
      if (!Object.hasOwn(TRANSFORM, id)) { return null; }
      const [german, kind] = TRANSFORM[id];
      return property({ matchName: id, name: () => german, index: 1 + Object.keys(TRANSFORM).indexOf(id),
        kind: (value) => kind(Array.isArray(value) && value.length === 3 ? [value[0], value[1]] : value),
        stored: () => state().transform[id], clock, change: () => change(state()), check });
    },
  }, { check, type: PropertyGroup });
}

module.exports = { layer, layerState, AVLayer, CameraLayer, MATTES, BLENDING };
