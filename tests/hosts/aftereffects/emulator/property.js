// A property that takes a value or keys. Times are kept on a fine grid, counted from the layer's start.
"use strict";
const { fail, need } = require("./language");
const { strict, number, truth, whole, oneOf, type } = require("./strict");
const { world } = require("./world");

const Property = type("Property");
const TICKS = 512; // a frame; what After Effects keeps of a time is as coarse
const INTERPOLATION = ["LINEAR", "BEZIER", "HOLD"];

// `kind` checks a value on its way in, `out` makes the script's copy. `stored` is {value, keys}.
// `clock` is the layer's: start() and frame() in seconds. `change()` allows a change or throws.
function property({ matchName, name, index, kind, out = (v) => v, stored, clock, change, check, extra = {} }) {
  const keys = () => stored().keys;
  const at = (key) => keys()[whole(key) - 1] || fail(`no key ${String(key)}`);
  const ticks = (time) => Math.round(((number(time) - clock.start()) / clock.frame()) * TICKS);
  const seconds = (tick) => clock.start() + (tick / TICKS) * clock.frame();

  function onGrid(time) {
    const frame = number(time) / clock.frame();
    need(world.artist || Math.abs(frame - Math.round(frame)) < 1e-4, `key between frames: ${frame}`);
    return ticks(time);
  }

  function put(time, value) {
    const tick = onGrid(time);
    const all = keys();
    const known = all.find((key) => key.tick === tick);
    const fresh = { tick, value, in: "LINEAR", out: "LINEAR", selected: false };
    if (known) { known.value = value; } else { all.push(fresh); }
    all.sort((a, b) => a.tick - b.tick);
  }

  function valueAt(time) {
    const all = keys();
    const tick = ((number(time) - clock.start()) / clock.frame()) * TICKS;
    if (all.length === 0) { return stored().value; }
    const next = all.findIndex((key) => key.tick > tick + 1e-6);
    if (next === 0) { return all[0].value; }
    if (next < 0) { return all[all.length - 1].value; }
    const [a, b] = [all[next - 1], all[next]];
    if (a.out === "HOLD") { return a.value; }
    return mixed(a.value, b.value, (tick - a.tick) / (b.tick - a.tick));
  }

  const members = {
    get matchName() { return matchName; },
    get name() { return name(); }, set name(v) { fail(`${matchName} cannot be renamed to ${String(v)}`); },
    get propertyIndex() { return index; },
    get propertyType() { return "PROPERTY"; },
    get numKeys() { return keys().length; },
    get isTimeVarying() { return keys().length > 0; },
    get canVaryOverTime() { return true; },
    get value() { return out(valueAt(clock.now())); },
    get selected() { return Boolean(stored().selected); },
    set selected(v) { stored().selected = truth(v); },
    valueAtTime(time, preExpression) { truth(preExpression); return out(valueAt(time)); },
    setValue(value) {
      change();
      need(keys().length === 0, "setValue on a keyed property");
      stored().value = kind(value);
    },
    setValueAtTime(time, value) { change(); put(time, kind(value)); },
    setValuesAtTimes(times, values) {
      change();
      need(Array.isArray(times) && Array.isArray(values) && times.length === values.length, "times and values differ");
      Array.from(times).forEach((time, i) => put(time, kind(values[i])));
    },
    addKey(time) {
      change();
      put(time, valueAt(time));
      return 1 + keys().findIndex((key) => key.tick === ticks(time));
    },
    removeKey(key) {
      change();
      const gone = at(key);
      if (keys().length === 1) { stored().value = gone.value; }
      keys().splice(keys().indexOf(gone), 1);
    },
    nearestKeyIndex(time) {
      need(keys().length > 0, "no keys");
      const far = (key) => Math.abs(key.tick - ticks(time));
      return 1 + keys().reduce((best, key, i, all) => (far(key) < far(all[best]) ? i : best), 0);
    },
    keyTime(key) { return seconds(at(key).tick); },
    keyValue(key) { return out(at(key).value); },
    keyInInterpolationType(key) { return at(key).in; },
    keyOutInterpolationType(key) { return at(key).out; },
    setValueAtKey(key, value) { change(); at(key).value = kind(value); },
    setInterpolationTypeAtKey(key, into, from = into) {
      change();
      [into, from].forEach(oneOf(INTERPOLATION));
      Object.assign(at(key), { in: into, out: from });
    },
    ...extra,
  };
  return strict("Property", members, { check, type: Property });
}

function mixed(a, b, share) {
  if (Array.isArray(a)) {
    need(a.length === b.length, "keys with other numbers of vertices are joined without a hold");
    return a.map((value, i) => mixed(value, b[i], share));
  }
  if (a && typeof a === "object") {
    return Object.fromEntries(Object.keys(a).map((key) => [key, mixed(a[key], b[key], share)]));
  }
  return typeof a === "number" ? a + share * (b - a) : a;
}

// A property's keys for a report: frames of the composition.
function told(stored, startFrame) {
  const keys = stored.keys.map((key) => ({
    frame: startFrame + Math.round((key.tick / TICKS) * 1e6) / 1e6,
    value: key.value,
    hold: key.out === "HOLD",
  }));
  return { value: stored.value, keys };
}

module.exports = { property, Property, INTERPOLATION, told };
