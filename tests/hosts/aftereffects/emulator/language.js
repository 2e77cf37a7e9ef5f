// ExtendScript's language: ES3, a library of its time, and errors of its own realm.
"use strict";
const vm = require("vm");
const acorn = require("internal/deps/acorn/acorn/dist/acorn");
const walk = require("internal/deps/acorn/acorn-walk/dist/walk");

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

let realm = null; // the script's own Array, Object and Error

function fail(message) { throw new (realm ? realm.Error : Error)(message); }
function need(condition, message) { if (!condition) { fail(message); } }

// The text is ES3, and no conditional stands directly in another: some versions associate it the wrong way.
function checkEs3(text) {
  const tree = acorn.parse(text, { ecmaVersion: 3, allowReserved: "never", preserveParens: true });
  walk.full(tree, (node) => {
    if (node.type === "ConditionalExpression") {
      const parts = [node.test, node.consequent, node.alternate].map((part) => part.type);
      need(!parts.includes("ConditionalExpression"), "nested conditionals associate the wrong way");
    }
  });
}

// A context with `things` as its globals and nothing newer than ES3 besides.
function makeContext(things) {
  const sandbox = vm.createContext(things);
  const inside = (code) => vm.runInContext(code, sandbox);
  const kept = `${GLOBALS} ${Object.keys(sandbox).join(" ")}`.split(" ");
  const globals = Object.getOwnPropertyNames(inside("this"));
  realm = { Array: inside("Array"), Object: inside("Object"), Error: inside("Error") };
  for (const [path, names] of Object.entries(MEMBERS)) {
    const object = inside(path);
    const strange = Object.getOwnPropertyNames(object).filter((name) => !names.split(" ").includes(name));
    strange.forEach((name) => Reflect.deleteProperty(object, name));
  }
  globals.filter((name) => !kept.includes(name)).forEach((name) => inside(`delete this["${name}"]`));
  return sandbox;
}

// Values as the script gets them: copies, and arrays of its own realm (without map and its like).
function toScript(value) {
  if (Array.isArray(value)) {
    const copy = new realm.Array();
    value.forEach((item) => copy.push(toScript(item)));
    return copy;
  }
  if (value && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    const copy = new realm.Object();
    Object.keys(value).forEach((key) => { copy[key] = toScript(value[key]); });
    return copy;
  }
  return value;
}

module.exports = { fail, need, checkEs3, makeContext, toScript };
