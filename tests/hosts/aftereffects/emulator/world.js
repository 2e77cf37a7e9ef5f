// What the emulated After Effects knows: its project, its undo steps, its files.
"use strict";
const { fail, need } = require("./language");

const world = {
  version: "25.4x12",
  language: "de_DE",
  os: "Linux",
  alerts: [],
  suppressed: 0,
  // Footage that is told instead of read from disk: path of the first file -> width, height, ...
  footage: {},
  // While an artist acts no undo group is asked for and keys may lie between frames.
  artist: false,
  // Grows when the project's objects are others: opened, undone.
  epoch: 0,
  project: null,
  undo: { depth: 0, log: [], steps: [] },
  // Kept from one undo group to the next: handles of layers' masks are stale once it moves on.
  waiting: 0,
  settings: {},
};

function newProject() {
  world.epoch += 1;
  world.project = { file: null, nextId: 1, items: [], active: null, dirty: false };
  world.undo.steps = [];
}

function newId() {
  world.project.nextId += 1;
  return world.project.nextId;
}

// A deep copy in which frozen values (a key's shape) are shared.
function copied(value) {
  if (value === null || typeof value !== "object" || Object.isFrozen(value)) { return value; }
  if (Array.isArray(value)) { return value.map(copied); }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copied(item)]));
}

function beginUndoGroup(name) {
  if (world.undo.depth === 0) {
    world.undo.steps.push({ name, before: copied(world.project) });
    world.undo.log.push({ name, changes: 0, leftOpen: false });
  }
  world.undo.depth += 1;
}

function endUndoGroup() {
  need(world.undo.depth > 0, "no undo group is open");
  world.undo.depth -= 1;
}

// What After Effects does at a script's end; true when something was left open.
function closeUndoGroups() {
  const open = world.undo.depth > 0;
  if (open) { world.undo.log[world.undo.log.length - 1].leftOpen = true; }
  world.undo.depth = 0;
  return open;
}

// Edit > Undo; the name of what was undone, or null.
function undoLast() {
  const step = world.undo.steps.pop();
  if (!step) { return null; }
  world.project = step.before;
  world.epoch += 1;
  return step.name;
}

// Every change of the project goes through here.
function change(layer) {
  need(world.undo.depth > 0 || world.artist, "a change outside the undo group");
  if (world.undo.depth > 0) { world.undo.log[world.undo.log.length - 1].changes += 1; }
  need(!layer || !layer.locked, "the layer is locked");
  world.project.dirty = true;
}

function item(id) {
  return world.project.items.find((each) => each.id === id) || fail("Object is invalid");
}

// Whether the objects made now are still those of the project.
function sameProject() {
  const born = world.epoch;
  return () => need(born === world.epoch, "Object is invalid");
}

module.exports = {
  world, newProject, newId, beginUndoGroup, endUndoGroup, closeUndoGroups, undoLast, change, item, sameProject,
};
