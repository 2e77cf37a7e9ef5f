// Shape: the value of a mask's path. Its arrays are copied on the way in and out.
"use strict";
const { need, fail } = require("./language");
const { strict, numbers, truth } = require("./strict");

const Shape = function () { return shapeOf({ vertices: [], inTangents: [], outTangents: [], closed: true }); };
const states = new WeakMap();

function pairs(value) {
  need(Array.isArray(value), "not an array");
  return Array.from(value, numbers(2));
}

// A new Shape object that holds a copy of `value`.
function shapeOf(value) {
  const state = { ...value };
  const shape = strict("Shape", {
    get vertices() { return state.vertices; }, set vertices(v) { state.vertices = pairs(v); },
    get inTangents() { return state.inTangents; }, set inTangents(v) { state.inTangents = pairs(v); },
    get outTangents() { return state.outTangents; }, set outTangents(v) { state.outTangents = pairs(v); },
    get closed() { return state.closed; }, set closed(v) { state.closed = truth(v); },
  }, { type: Shape });
  states.set(shape, state);
  return shape;
}

// What a property keeps of a Shape: plain and frozen.
function shapeValue(shape) {
  const state = states.get(shape) || fail("not a Shape");
  const count = state.vertices.length;
  need(count > 0, "a Shape without vertices");
  need(state.inTangents.length === count && state.outTangents.length === count, "tangents and vertices differ");
  return Object.freeze(JSON.parse(JSON.stringify(state)));
}

module.exports = { Shape, shapeOf, shapeValue };
