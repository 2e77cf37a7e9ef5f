// After Effects for as long as its standard input is open.
//
//   node --expose-internals session.js ['{"version": "22.0x111", "os": "Windows"}']
//
// One JSON object a line in, one a line out:
//   {"load": "host.jsx"}       -> {"result": "...", "ms": 1}   what CEP does with ScriptPath
//   {"eval": "script"}         -> the same; a script that throws: {"result": "EvalScript error.", "error": "why"}
//   {"eval": "...", "artist": true}   a hand in the program: needs no undo group, may key between frames
//   {"undo": true}             -> {"result": "name of what was undone" or null}
//   {"footage": {"/p/a.0001.exr": {"width": 1, "height": 1, "frames": 2, "fps": 24, "movie": false}}}
//                              files that are told instead of there
//   {"set": {"missing": true}, "item": 2, "layer": 5}   fields of an item's (or its layer's) state, as it is kept here
//   {"state": true}            -> {"result": everything}
// A script may leave no undo group open; one that does has it closed and told in the state's "undo".
"use strict";
const fs = require("fs");
const readline = require("readline");
const vm = require("vm");
const { checkEs3 } = require("./language");
const { world, newProject, closeUndoGroups, undoLast, item } = require("./world");
const { afterEffects } = require("./app");
const { report } = require("./report");

Object.assign(world, JSON.parse(process.argv[2] || "{}"));
newProject();
const sandbox = afterEffects();

function run(script, { artist = false, name = "evalScript" } = {}) {
  const started = performance.now();
  const answer = {};
  world.artist = artist;
  try {
    checkEs3(script);
    answer.result = String(vm.runInContext(script, sandbox, { filename: name }));
  } catch (error) {
    answer.result = "EvalScript error.";
    answer.error = `${error.message}\n${error.stack}`;
  }
  world.artist = false;
  closeUndoGroups();
  answer.ms = performance.now() - started;
  return answer;
}

const stateOf = ({ item: id, layer }) => (layer ? item(id).layers.find((each) => each.id === layer) : item(id));
const ORDERS = {
  load: (path) => run(fs.readFileSync(path, "utf8"), { name: path }),
  eval: (script, order) => run(script, order),
  undo: () => ({ result: undoLast() }),
  footage: (told) => ({ result: Object.keys(Object.assign(world.footage, told)).length }),
  set: (fields, order) => ({ result: Object.assign(stateOf(order), fields).id }),
  world: (fields) => ({ result: Object.keys(Object.assign(world, fields)).length }),
  state: () => ({ result: report() }),
};

function answered(line) {
  try {
    const order = JSON.parse(line);
    const name = Object.keys(ORDERS).find((each) => Object.hasOwn(order, each));
    if (!name) { throw new Error(`unknown order: ${line.slice(0, 200)}`); }
    return ORDERS[name](order[name], order);
  } catch (error) {
    return { error: error.stack };
  }
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(answered(line))}\n`);
});
