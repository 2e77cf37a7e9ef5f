// Runs one .jsx on a layer and prints what it made: {alerts, undo, masks}.
//
//   node --expose-internals run.js SCRIPT.jsx '{"layer": {...}, "frameDuration": ..., "noComp": true, ...}'
//
// Fails on whatever After Effects would refuse, on an undo group left open, and on what a careful
// script does not do: keys between frames, changes outside the undo group.
"use strict";
const fs = require("fs");
const vm = require("vm");
const { checkEs3, need } = require("./language");
const { world, newProject, closeUndoGroups } = require("./world");
const { afterEffects } = require("./app");
const { compState } = require("./items");
const { layerState } = require("./layers");
const { solidState } = require("./footage");
const { masksOf } = require("./report");

const settings = JSON.parse(process.argv[3]);
const { source, startTime = 0, stretch = 100, timeRemapEnabled = false, locked = false } = settings.layer || {};
world.settings = settings;
newProject();
const comp = compState("comp", 1920, 1080, 1, 600, 1 / (settings.frameDuration || 1 / 24));
const from = source ? solidState("plate", source.width, source.height, 1) : null;
const layer = layerState("plate", from && from.id, 1920, 1080, comp);
Object.assign(layer, { start: startTime, stretch, timeRemap: timeRemapEnabled, locked, selected: settings.layers !== 0 });
comp.layers.push(layer);
world.project.items.push(comp, ...(from ? [from] : []));
world.project.active = comp.id;

const script = fs.readFileSync(process.argv[2], "utf8");
const sandbox = afterEffects();
checkEs3(script);
vm.runInContext(script, sandbox);
need(!closeUndoGroups(), "an undo group stays open");
const undo = world.undo.log.flatMap(({ name }) => [name, "end"]);
process.stdout.write(JSON.stringify({ alerts: world.alerts, undo, masks: masksOf(comp, layer) }));
