// A layer's effects, as far as prompts need them: Point Control, under whatever name an artist gives it.
"use strict";
const { fail, need } = require("./language");
const { strict, text, truth, numbers } = require("./strict");
const { change, newId } = require("./world");
const { property } = require("./property");
const { fresh, PropertyGroup } = require("./masks");

const PARAMETERS = {
  "ADBE Point Control": [{ matchName: "ADBE Point Control-0001", german: "Punkt", kind: numbers(2), value: [0, 0] }],
  "ADBE Slider Control": [{ matchName: "ADBE Slider Control-0001", german: "Schieberegler", kind: Number, value: 0 }],
};
const GERMAN = { "ADBE Point Control": "Einstellungen für Punkt", "ADBE Slider Control": "Einstellungen für Schieberegler" };

function effectParade(layer, clock, alive) {
  const group = () => layer().effects;
  function at(key) {
    const list = group().list;
    const found = typeof key === "number" ? list[key - 1]
      : list.find((each) => each.name === key || each.matchName === key);
    return found ? effect(found.id, layer, clock, fresh(alive, group), group) : null;
  }
  return strict("Effect Parade", {
    get matchName() { return "ADBE Effect Parade"; },
    get name() { return "Effekte"; },
    get numProperties() { return group().list.length; },
    property: at,
    canAddProperty: (name) => Object.hasOwn(PARAMETERS, name),
    addProperty(name) {
      change(layer());
      need(Object.hasOwn(PARAMETERS, name), `cannot add ${name}`);
      group().generation += 1;
      const values = PARAMETERS[name].map(({ value }) => ({ value, keys: [] }));
      group().list.push({ id: newId(), matchName: name, name: GERMAN[name], enabled: true, values });
      return at(group().list.length);
    },
  }, { check: alive, type: PropertyGroup });
}

function effect(id, layer, clock, check, group) {
  const list = () => group().list;
  const state = () => list().find((each) => each.id === id) || fail("Object is invalid");
  const changed = () => change(layer());
  function parameter(key) {
    const all = PARAMETERS[state().matchName];
    const place = typeof key === "number" ? key - 1
      : all.findIndex((each) => each.matchName === key || each.german === key);
    if (!all[place]) { return null; }
    const { matchName, german, kind } = all[place];
    return property({ matchName, name: () => german, index: place + 1, kind,
      stored: () => state().values[place], clock, change: changed, check });
  }
  return strict("Effect", {
    get matchName() { return state().matchName; },
    get name() { return state().name; }, set name(v) { changed(); state().name = text(v); },
    get enabled() { return state().enabled; }, set enabled(v) { changed(); state().enabled = truth(v); },
    get propertyIndex() { return 1 + list().findIndex((each) => each.id === id); },
    get numProperties() { return PARAMETERS[state().matchName].length; },
    property: parameter,
    remove() { changed(); list().splice(list().indexOf(state()), 1); group().generation += 1; },
  }, { check, type: PropertyGroup });
}

module.exports = { effectParade };
