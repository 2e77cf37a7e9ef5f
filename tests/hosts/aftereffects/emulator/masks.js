// A layer's masks: a group whose earlier references all die when one is added, taken away or moved.
"use strict";
const { fail, need } = require("./language");
const { strict, text, truth, numbers, within, oneOf, number, type } = require("./strict");
const { world, change, newId } = require("./world");
const { property } = require("./property");
const { shapeOf, shapeValue } = require("./shape");

const MaskPropertyGroup = type("MaskPropertyGroup");
const PropertyGroup = type("PropertyGroup");
const MASK_MODES = ["NONE", "ADD", "SUBTRACT", "INTERSECT", "LIGHTEN", "DARKEN", "DIFFERENCE"];
const MOTION_BLUR = ["SAME_AS_LAYER", "ON", "OFF"];
const COPY = (value) => value;
const PROPERTIES = {
  "ADBE Mask Shape": { german: "Maskenpfad", kind: shapeValue, out: shapeOf, value: null },
  "ADBE Mask Feather": { german: "Weiche Maskenkante", kind: numbers(2, 0, 32000), out: COPY, value: [0, 0] },
  "ADBE Mask Opacity": { german: "Maskendeckkraft", kind: within(0, 100), out: COPY, value: 100 },
  "ADBE Mask Offset": { german: "Maskenausweitung", kind: number, out: COPY, value: 0 },
};

// A reference to a group's member: dead when the group is another than it was.
function fresh(alive, group) {
  const born = group().generation;
  return () => {
    alive();
    need(group().generation === born, "Object is invalid");
  };
}

// `layer()` is the layer's state, `alive` throws when it is gone.
function maskParade(layer, clock, alive) {
  const group = () => layer().masks;
  const touched = () => { change(layer()); group().generation += 1; };
  function at(key) {
    const list = group().list;
    const found = typeof key === "number" ? list[key - 1] : list.find((mask) => mask.name === key);
    return found ? mask(found.id, layer, clock, fresh(alive, group), group) : null;
  }
  return strict("Mask Parade", {
    get matchName() { return "ADBE Mask Parade"; },
    get name() { return "Masken"; },
    get numProperties() { return group().list.length; },
    property: at,
    canAddProperty: (name) => name === "ADBE Mask Atom",
    addProperty(name) {
      touched();
      need(name === "ADBE Mask Atom", `cannot add ${name}`);
      group().list.push(newMask(group().list.length + 1));
      return at(group().list.length);
    },
  }, { check: alive, type: PropertyGroup });
}

function newMask(number) {
  const properties = Object.fromEntries(
    Object.entries(PROPERTIES).map(([id, { value }]) => [id, { value, keys: [] }]),
  );
  return { id: newId(), name: `Maske ${number}`, inverted: false, rotoBezier: true, color: [1, 1, 0],
    maskMode: "ADD", maskMotionBlur: "SAME_AS_LAYER", locked: false, selected: false, properties };
}

function mask(id, layer, clock, check, group) {
  const list = () => group().list;
  const state = () => list().find((each) => each.id === id) || fail("Object is invalid");
  const changed = () => {
    change(layer());
    need(!state().locked || world.artist, "the mask is locked");
  };
  const set = (key, kind) => (value) => { changed(); state()[key] = kind(value); };
  const setters = {
    name: set("name", text), inverted: set("inverted", truth), rotoBezier: set("rotoBezier", truth),
    color: set("color", numbers(3, 0, 1)), maskMode: set("maskMode", oneOf(MASK_MODES)),
    maskMotionBlur: set("maskMotionBlur", oneOf(MOTION_BLUR)),
  };
  function moved(to) {
    const place = list().findIndex((each) => each.id === id);
    const [own] = list().splice(place, 1);
    list().splice(to - 1, 0, own);
    group().generation += 1;
  }
  const members = {
    get matchName() { return "ADBE Mask Atom"; },
    get propertyIndex() { return 1 + list().findIndex((each) => each.id === id); },
    get numProperties() { return Object.keys(PROPERTIES).length; },
    get locked() { return state().locked; }, set locked(v) { change(layer()); state().locked = truth(v); },
    get selected() { return state().selected; }, set selected(v) { state().selected = truth(v); },
    property: (key) => maskProperty(key, state, clock, changed, check),
    remove() { changed(); list().splice(list().indexOf(state()), 1); group().generation += 1; },
    moveTo(index) {
      changed();
      need(Number.isInteger(index) && index >= 1 && index <= list().length, `cannot move to ${index}`);
      moved(index);
    },
  };
  for (const [key, setter] of Object.entries(setters)) {
    Object.defineProperty(members, key, { get: () => state()[key], set: setter });
  }
  return strict("MaskPropertyGroup", members, { check, type: MaskPropertyGroup });
}

function maskProperty(key, state, clock, changed, check) {
  const ids = Object.keys(PROPERTIES);
  const id = typeof key === "number" ? ids[key - 1] : key;
  const spec = PROPERTIES[id] || PROPERTIES[ids.find((each) => PROPERTIES[each].german === id)];
  if (!spec) { return null; }
  const matchName = ids.find((each) => PROPERTIES[each] === spec);
  return property({
    matchName, name: () => spec.german, index: 1 + ids.indexOf(matchName), kind: spec.kind,
    out: (value) => spec.out(value === null ? fail("this path has never been set") : value),
    stored: () => state().properties[matchName], clock, change: changed, check,
  });
}

module.exports = { maskParade, fresh, PropertyGroup, MaskPropertyGroup, MASK_MODES, MOTION_BLUR };
