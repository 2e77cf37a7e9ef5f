// After Effects' scripting for masks, strictly: runs a .jsx and prints what it made.
//
//   node --expose-internals ae_emulator.js SCRIPT.jsx '{"layer": {...}, "frameDuration": ..., ...}'
//
// The script must be ES3 (the engine has nothing newer), is given nothing but After Effects' own
// objects, and fails on an unknown member, a value of the wrong type, a stale reference, a key
// between frames, or a change outside the undo group.
"use strict";
const fs = require("fs");
const vm = require("vm");
const acorn = require("internal/deps/acorn/acorn/dist/acorn");
const walk = require("internal/deps/acorn/acorn-walk/dist/walk");

const settings = JSON.parse(process.argv[3]);
const log = { alerts: [], undo: [], masks: [] };
const frameDuration = settings.frameDuration || 1 / 24;
let generation = 0; // grows with every mask added, which makes all older references stale
let undoDepth = 0;

function fail(message) { throw new Error(message); }
function need(condition, message) { if (!condition) { fail(message); } }

// --- the language

function checkEs3(text) {
  const tree = acorn.parse(text, { ecmaVersion: 3, allowReserved: "never", preserveParens: true });
  walk.full(tree, (node) => {
    if (node.type === "ConditionalExpression") {
      const parts = [node.test, node.consequent, node.alternate].map((part) => part.type);
      need(!parts.includes("ConditionalExpression"), "nested conditionals associate the wrong way");
    }
  });
}

const GLOBALS = "Object Function Array String Boolean Number Date Math RegExp Error EvalError RangeError "
  + "ReferenceError SyntaxError TypeError URIError NaN Infinity undefined parseInt parseFloat isNaN isFinite "
  + "decodeURI decodeURIComponent encodeURI encodeURIComponent eval globalThis";
const OBJECT = "constructor toString toLocaleString valueOf hasOwnProperty isPrototypeOf propertyIsEnumerable";
const MEMBERS = {
  Object: "prototype length name",
  "Object.prototype": OBJECT + " __proto__",
  "Function.prototype": "constructor toString apply call length name",
  Array: "prototype length name",
  "Array.prototype": "constructor toString toLocaleString concat join pop push reverse shift slice sort "
    + "splice unshift length",
  String: "prototype fromCharCode length name",
  "String.prototype": "constructor toString valueOf charAt charCodeAt concat indexOf lastIndexOf localeCompare "
    + "match replace search slice split substring toLowerCase toLocaleLowerCase toUpperCase toLocaleUpperCase "
    + "length substr",
  Number: "prototype length name MAX_VALUE MIN_VALUE NaN NEGATIVE_INFINITY POSITIVE_INFINITY",
  "Number.prototype": "constructor toString toLocaleString valueOf toFixed toExponential toPrecision",
  Date: "prototype parse UTC length name",
  Math: "E LN10 LN2 LOG2E LOG10E PI SQRT1_2 SQRT2 abs acos asin atan atan2 ceil cos exp floor log max min pow "
    + "random round sin sqrt tan",
};
function makeEs3(sandbox) {
  const inside = (code) => vm.runInContext(code, sandbox);
  const kept = `${GLOBALS} ${Object.keys(sandbox).join(" ")}`.split(" ");
  const globals = Object.getOwnPropertyNames(inside("this"));
  for (const [path, names] of Object.entries(MEMBERS)) {
    const object = inside(path);
    const strange = Object.getOwnPropertyNames(object).filter((name) => !names.split(" ").includes(name));
    strange.forEach((name) => Reflect.deleteProperty(object, name));
  }
  globals.filter((name) => !kept.includes(name)).forEach((name) => inside(`delete this["${name}"]`));
}

// --- host objects

const isArray = Array.isArray;
const text = (value) => (typeof value === "string" ? value : fail("not a string"));
const truth = (value) => (typeof value === "boolean" ? value : fail("not a boolean"));
const number = (value) => (typeof value === "number" && isFinite(value) ? value : fail("not a number"));
function numbers(count, least, most) {
  return (value) => {
    need(isArray(value) && value.length === count, `not ${count} numbers`);
    return Array.from(value, (v) => (number(v) >= least && v <= most ? v : fail(`${v} out of range`)));
  };
}
function oneOf(names) {
  return (value) => (names.includes(value) ? value : fail(`${String(value)} is not of the enumeration`));
}

// An object whose members are all known: constants and methods in `fixed`, checked values in `kinds`.
function host(name, fixed, kinds, state, check) {
  const known = (key) => Object.hasOwn(fixed, key) || Object.hasOwn(kinds, key);
  const strict = (key) => {
    if (check) { check(); }
    need(known(key), `${name} has no ${String(key)}`);
  };
  return new Proxy(state, {
    get(target, key) {
      if (typeof key === "symbol") { return undefined; }
      strict(key);
      return Object.hasOwn(fixed, key) ? fixed[key] : JSON.parse(JSON.stringify(target[key]));
    },
    set(target, key, value) {
      strict(key);
      need(Object.hasOwn(kinds, key), `${name}.${String(key)} cannot be set`);
      if (name !== "Shape") { needsUndo(); }
      target[key] = kinds[key](value);
      return true;
    },
    has(target, key) { return known(key); },
    deleteProperty() { return fail(`${name}: nothing can be deleted`); },
    ownKeys() { return fail(`${name} cannot be enumerated`); },
  });
}
function needsUndo() { need(undoDepth === 1, "a change outside the undo group"); }

const shapes = new WeakMap();
const pairs = (value) => {
  need(isArray(value), "not an array");
  return Array.from(value, numbers(2, -Infinity, Infinity));
};
function Shape() {
  const state = { vertices: [], inTangents: [], outTangents: [], closed: true };
  const kinds = { vertices: pairs, inTangents: pairs, outTangents: pairs, closed: truth };
  const shape = host("Shape", {}, kinds, state);
  shapes.set(shape, state);
  return shape;
}
function shapeValue(value) {
  const state = shapes.get(value) || fail("not a Shape");
  const count = state.vertices.length;
  need(count > 0, "a Shape without vertices");
  need(state.inTangents.length === count && state.outTangents.length === count, "tangents and vertices differ");
  return JSON.parse(JSON.stringify(state));
}

function inFrames(time) {
  const frame = number(time) / frameDuration;
  need(Math.abs(frame - Math.round(frame)) < 1e-4, `key between frames: ${frame}`);
  return Math.round(frame);
}
function keyed(kind, stored, check) {
  const at = (index) => stored.keys[index - 1] || fail(`no key ${index}`);
  const methods = {
    setValue(value) {
      needsUndo();
      need(stored.keys.length === 0, "setValue on a keyed property");
      stored.value = kind(value);
    },
    setValuesAtTimes(times, values) {
      needsUndo();
      need(isArray(times) && isArray(values) && times.length === values.length, "times and values differ");
      Array.from(times).forEach((time, i) => {
        const frame = inFrames(time);
        stored.keys = stored.keys.filter((key) => key.frame !== frame);
        stored.keys.push({ frame, value: kind(values[i]), hold: false });
      });
      stored.keys.sort((a, b) => a.frame - b.frame);
    },
    nearestKeyIndex(time) {
      need(stored.keys.length > 0, "no keys");
      const far = (key) => Math.abs(key.frame - number(time) / frameDuration);
      return 1 + stored.keys.reduce((best, key, i, all) => (far(key) < far(all[best]) ? i : best), 0);
    },
    setInterpolationTypeAtKey(index, into, out = into) {
      needsUndo();
      [into, out].forEach(oneOf(["LINEAR", "BEZIER", "HOLD"]));
      at(index).hold = out === "HOLD";
    },
  };
  return host("Property", methods, {}, {}, check);
}

function fresh() {
  const born = generation;
  return () => need(born === generation, "Object is invalid");
}
const PROPERTIES = {
  "ADBE Mask Shape": shapeValue,
  "ADBE Mask Feather": numbers(2, 0, 32000),
  "ADBE Mask Opacity": (value) => numbers(1, 0, 100)([value])[0],
  "ADBE Mask Offset": number,
};
const MASK_MODES = ["NONE", "ADD", "SUBTRACT", "INTERSECT", "LIGHTEN", "DARKEN", "DIFFERENCE"];
const MASK = {
  name: text, inverted: truth, rotoBezier: truth, color: numbers(3, 0, 1),
  maskMode: oneOf(MASK_MODES),
  maskMotionBlur: oneOf(["SAME_AS_LAYER", "ON", "OFF"]),
};
function mask(state) {
  const check = fresh();
  const property = (id) => (PROPERTIES[id] ? keyed(PROPERTIES[id], state.properties[id], check) : null);
  return host("MaskPropertyGroup", { property, propertyIndex: log.masks.indexOf(state) + 1 }, MASK, state, check);
}
const parade = host("Mask Parade", {
  addProperty(name) {
    needsUndo();
    need(name === "ADBE Mask Atom", `cannot add ${name}`);
    generation += 1;
    const properties = {};
    Object.keys(PROPERTIES).forEach((id) => { properties[id] = { value: null, keys: [] }; });
    properties["ADBE Mask Opacity"].value = 100;
    properties["ADBE Mask Feather"].value = [0, 0];
    log.masks.push({ name: `Mask ${generation}`, inverted: false, rotoBezier: true, color: [1, 1, 0],
      maskMode: "ADD", maskMotionBlur: "SAME_AS_LAYER", properties });
    return mask(log.masks[log.masks.length - 1]);
  },
  property: (index) => (log.masks[index - 1] ? mask(log.masks[index - 1]) : null),
}, {}, {});

const LAYER = { startTime: 0, stretch: 100, timeRemapEnabled: false, locked: false, source: null, ...settings.layer };
const source = LAYER.source && host("FootageItem", LAYER.source, {}, {});
const layer = host("AVLayer", { ...LAYER, source,
  property: (id) => (id === "ADBE Mask Parade" && !settings.noMasks ? parade : null),
}, {}, {});
function CompItem() { fail("CompItem cannot be made"); }
const selectedLayers = settings.layers === 0 ? [] : [layer];
const comp = host("CompItem", { frameDuration, selectedLayers }, {}, Object.create(CompItem.prototype));
const project = host("Project", { activeItem: settings.noComp ? null : comp }, {}, {});
const app = host("Application", {
  project,
  beginUndoGroup(name) { log.undo.push(text(name)); undoDepth += 1; },
  endUndoGroup() { need(undoDepth > 0, "no undo group is open"); log.undo.push("end"); undoDepth -= 1; },
}, {}, {});
const enumeration = (name, values) => host(name, Object.fromEntries(values.map((v) => [v, v])), {}, {});

// --- run

const script = fs.readFileSync(process.argv[2], "utf8");
checkEs3(script);
const sandbox = vm.createContext({
  app, CompItem, Shape,
  alert(message) { log.alerts.push(text(message)); },
  MaskMode: enumeration("MaskMode", MASK_MODES),
  MaskMotionBlur: enumeration("MaskMotionBlur", ["SAME_AS_LAYER", "ON", "OFF"]),
  KeyframeInterpolationType: enumeration("KeyframeInterpolationType", ["LINEAR", "BEZIER", "HOLD"]),
});
makeEs3(sandbox);
vm.runInContext(script, sandbox);
need(undoDepth === 0, "an undo group stays open");
process.stdout.write(JSON.stringify(log));
