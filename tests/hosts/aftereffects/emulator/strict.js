// Host objects of which every member is known, and the kinds of values they take.
"use strict";
const { fail, need, toScript } = require("./language");

// An object of class `name`. `members` is an object literal: methods, getters, setters. What it has
// not cannot be read; what has no setter cannot be set. `check` runs before every access.
function strict(name, members, { check = () => {}, type = null } = {}) {
  const methods = new Map();
  const of = (key) => {
    check();
    return Object.getOwnPropertyDescriptor(members, key) || fail(`${name} has no ${String(key)}`);
  };
  function method(key, body) {
    if (!methods.has(key)) {
      methods.set(key, (...given) => {
        check();
        return toScript(body(...given));
      });
    }
    return methods.get(key);
  }
  return new Proxy(Object.create(type ? type.prototype : null), {
    get(target, key) {
      if (typeof key === "symbol") { return undefined; }
      if (key === "toString") { return () => `[object ${name}]`; }
      const member = of(key);
      if (member.get) { return toScript(member.get()); }
      return typeof member.value === "function" ? method(key, member.value) : toScript(member.value);
    },
    set(target, key, value) {
      const member = of(key);
      need(member.set, `${name}.${String(key)} cannot be set`);
      member.set(value);
      return true;
    },
    has(target, key) { return Object.hasOwn(members, key); },
    deleteProperty() { return fail(`${name}: nothing can be deleted`); },
    ownKeys() { return fail(`${name} cannot be enumerated`); },
  });
}

// One of After Effects' classes, which scripts know by instanceof and cannot make.
function type(name) {
  const made = { [name]: function () { fail(`${name} cannot be made`); } }[name];
  return made;
}

const text = (value) => (typeof value === "string" ? value : fail("not a string"));
const truth = (value) => (typeof value === "boolean" ? value : fail("not a boolean"));
const number = (value) => (typeof value === "number" && isFinite(value) ? value : fail("not a number"));
const whole = (value) => (Number.isInteger(value) ? value : fail(`${String(value)} is not a whole number`));
function within(least, most) {
  return (value) => (number(value) >= least && value <= most ? value : fail(`${value} out of range`));
}
function numbers(count, least = -Infinity, most = Infinity) {
  return (value) => {
    need(Array.isArray(value) && value.length === count, `not ${count} numbers`);
    return Array.from(value, within(least, most));
  };
}
function oneOf(names) {
  return (value) => (names.includes(value) ? value : fail(`${String(value)} is not of the enumeration`));
}
function enumeration(name, values) {
  return strict(name, Object.fromEntries(values.map((value) => [value, value])));
}

module.exports = { strict, type, text, truth, number, whole, within, numbers, oneOf, enumeration };
