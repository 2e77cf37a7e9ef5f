// Runs a mask script in a sandbox with the parts of After Effects it uses, and prints what it made.
"use strict";
const fs = require("fs");
const vm = require("vm");
const settings = JSON.parse(process.argv[3]);
const log = { alerts: [], undo: [], masks: [] };
let generation = 0;

class Shape {
  constructor() { Object.assign(this, { vertices: [], inTangents: [], outTangents: [], closed: true }); }
}
class Property {
  constructor() { this.keys = []; this.value = null; }
  setValue(value) {
    if (this.keys.length) { throw new Error("setValue on a keyed property"); }
    this.value = copied(value);
  }
  setValuesAtTimes(times, values) {
    if (times.length !== values.length) { throw new Error("lengths differ"); }
    Array.from(times).forEach((time, i) => this.keys.push({ time, value: copied(values[i]), hold: false }));
    this.keys.sort((a, b) => a.time - b.time);
  }
  nearestKeyIndex(time) {
    let best = 0;
    this.keys.forEach((key, i) => {
      if (Math.abs(key.time - time) < Math.abs(this.keys[best].time - time)) { best = i; }
    });
    return best + 1;
  }
  setInterpolationTypeAtKey(index, into, out) {
    if (index < 1 || index > this.keys.length) { throw new Error("no such key"); }
    this.keys[index - 1].hold = out === "HOLD";
  }
}
function copied(value) {
  if (!(value instanceof Shape)) { return Array.isArray(value) ? Array.from(value) : value; }
  const n = value.vertices.length;
  if (value.inTangents.length !== n || value.outTangents.length !== n) { throw new Error("tangents"); }
  return JSON.parse(JSON.stringify(value));
}
function mask(index, born) {
  const properties = {
    "ADBE Mask Shape": new Property(),
    "ADBE Mask Feather": new Property(),
    "ADBE Mask Opacity": new Property(),
  };
  const state = { propertyIndex: index };
  log.masks[index - 1] = state;
  state.properties = properties;
  const check = () => { if (born() !== generation) { throw new Error("Object is invalid"); } };
  return new Proxy(state, {
    get(target, name) {
      check();
      return name === "property" ? (id) => properties[id] : target[name];
    },
    set(target, name, value) {
      check();
      target[name] = value;
      return true;
    },
  });
}
const parade = {
  addProperty(name) {
    if (name !== "ADBE Mask Atom") { throw new Error(name); }
    generation += 1;
    const at = generation;
    return mask(log.masks.length + 1, () => at);
  },
  property(index) {
    const at = generation;
    const fresh = log.masks[index - 1];
    return new Proxy(fresh, {
      get(target, name) {
        if (at !== generation) { throw new Error("Object is invalid"); }
        return name === "property" ? (id) => target.properties[id] : target[name];
      },
    });
  },
};
class CompItem {}
const layer = Object.assign(
  {
    startTime: 0, stretch: 100, timeRemapEnabled: false, locked: false, source: null,
    property: (name) => (name === "ADBE Mask Parade" && !settings.noMasks ? parade : null),
  },
  settings.layer,
);
const comp = Object.assign(new CompItem(), {
  frameDuration: settings.frameDuration || 1 / 24,
  selectedLayers: settings.layers === 0 ? [] : [layer],
});
const sandbox = {
  CompItem, Shape, Math,
  MaskMode: { ADD: "ADD", SUBTRACT: "SUBTRACT" },
  MaskMotionBlur: { ON: "ON", OFF: "OFF" },
  KeyframeInterpolationType: { LINEAR: "LINEAR", HOLD: "HOLD" },
  alert: (text) => log.alerts.push(text),
  app: {
    project: { activeItem: settings.noComp ? null : comp },
    beginUndoGroup: (name) => log.undo.push(name),
    endUndoGroup: () => log.undo.push("end"),
  },
};
vm.createContext(sandbox);
vm.runInContext("delete this.JSON; delete Array.prototype.map; delete Array.prototype.forEach;"
  + "delete Array.prototype.indexOf; delete Object.keys;", sandbox);
vm.runInContext(fs.readFileSync(process.argv[2], "utf8"), sandbox);
process.stdout.write(JSON.stringify(log));
