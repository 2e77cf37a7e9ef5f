// What is in the project, as plain JSON.
"use strict";
const { world } = require("./world");
const { told } = require("./property");

// A layer's masks; keys by frames of the composition.
function masksOf(comp, layer) {
  return layer.masks.list.map((mask) => {
    const start = Math.round(layer.start * comp.fps * 1e6) / 1e6;
    const properties = Object.entries(mask.properties).map(([id, stored]) => [id, told(stored, start)]);
    return { ...mask, properties: Object.fromEntries(properties) };
  });
}

function layerOf(comp) {
  return (layer, place) => {
    const start = Math.round(layer.start * comp.fps * 1e6) / 1e6;
    const effects = layer.effects.list.map((each) => ({ ...each, values: each.values.map((value) => told(value, start)) }));
    const transform = Object.fromEntries(Object.entries(layer.transform).map(([id, { value }]) => [id, value]));
    return { ...layer, index: place + 1, transform, masks: masksOf(comp, layer), effects };
  };
}

function report() {
  const items = world.project.items.map((each) => {
    const frame = each.kind === "comp" ? Math.round(each.time * each.fps) : undefined;
    return each.kind === "comp" ? { ...each, frame, layers: each.layers.map(layerOf(each)) } : each;
  });
  const { file, active, dirty } = world.project;
  return { version: world.version, file, active, dirty, items, undo: world.undo.log, alerts: world.alerts };
}

module.exports = { report, masksOf };
